"""The data that meets models: arrays, data sets, loaders, what is fed."""
