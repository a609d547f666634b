"""Finished books on disk: the checkpoint that a later run starts from."""
