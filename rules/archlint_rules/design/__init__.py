"""Style: what good networks often do otherwise.  All off by default."""
