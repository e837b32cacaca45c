"""What Keras does around its layers: inputs, models, wrappers, versions."""
