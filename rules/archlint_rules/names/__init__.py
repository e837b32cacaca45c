"""Names, comments and counts that say something else than the code."""
