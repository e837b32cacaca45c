"""Sequences: what a recurrent layer takes and gives."""
