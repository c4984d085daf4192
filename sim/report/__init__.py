"""What the reader sees: figures, words and one page."""
