"""The layer graph of a model as a drawing: composed once, written as Mermaid, DOT, SVG, JSON or a page of HTML."""
