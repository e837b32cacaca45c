"""The child's side: runs under the user's Python, 3.6 or later; standard library alone, nothing of archlint."""
