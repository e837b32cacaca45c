"""The language server: what `archlint check` and `archlint summary` know, in the editor while one types."""
