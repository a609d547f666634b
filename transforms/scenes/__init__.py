"""From a book to its scenes: sentences, their vectors, and where a scene begins."""
