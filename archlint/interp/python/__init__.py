"""Python itself: statements, expressions, calls, classes, its own values and libraries."""
