"""What signs are worth, in numbers."""
