"""Partial evaluation of model-building code: source in, layer graphs out.  Does no input or output."""
