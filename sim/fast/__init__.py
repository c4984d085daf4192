"""The compiled twin of the model: the same rulebook over columns, many worlds."""
