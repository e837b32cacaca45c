"""Which layers a model owns, and which it uses."""
