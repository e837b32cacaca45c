"""Slips in the user's code, written down where the evaluation comes across them."""
