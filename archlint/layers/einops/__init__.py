"""einops: axes of any framework's tensors by name."""
