"""Sizes that cannot be."""
