"""What archlint could read and evaluate."""
