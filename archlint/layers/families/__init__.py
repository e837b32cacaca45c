"""The arithmetic of each layer family, once, whatever framework names it."""
