"""What was evaluated before and is like it: calls of one run, entry points between two keys."""
