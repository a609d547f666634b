"""Who is on stage: the recurring names of a book, numbered by first appearance."""
