"""What the same text costs in each language."""
