"""What can be said of a model in numbers: sizes, parameters, memory, depth.  Pure functions over `Model`."""
