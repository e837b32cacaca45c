"""The executed mode: the user's own model, built and run in a child process, held against every inferred fact."""
