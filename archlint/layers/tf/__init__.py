"""TensorFlow 1 operations, tf.layers and TF-slim."""
