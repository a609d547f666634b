"""Training of the boundary scorer: books with their chapter openings hidden, the net, and its integers."""
