"""What each axis means, and what becomes of it."""
