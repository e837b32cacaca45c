"""Training and evaluation: mode flags, dropout, normalisation, initial weights."""
