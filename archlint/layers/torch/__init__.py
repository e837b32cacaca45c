"""PyTorch: layers, functional operations, tensor methods."""
