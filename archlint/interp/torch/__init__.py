"""What PyTorch does around its layers: modules, containers, hooks, attributes."""
