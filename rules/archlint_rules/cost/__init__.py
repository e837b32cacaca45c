"""Parameters, memory and what a layer can see."""
