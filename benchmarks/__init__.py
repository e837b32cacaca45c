"""Measurements on real model collections: coverage, truth, speed.  Nothing here is part of the package."""
