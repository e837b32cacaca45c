"""The last layer, its activation, and the loss behind it."""
