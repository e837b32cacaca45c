"""From text to a compact tree: chunks, LibCST parsing, lowering, comments and directives."""
