"""What differs in the models of two states of a code base: two revisions, or a revision and the working tree."""
