"""One step per file: a pure function, and the Beam transform that carries it."""
