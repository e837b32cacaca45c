"""TF-slim and TensorFlow 1: scopes, sessions, queues."""
