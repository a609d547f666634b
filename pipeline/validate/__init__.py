"""A dataset checked against the protocol."""
