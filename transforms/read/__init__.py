"""From inputs to clean books: one reader per form of file, told by content."""
