"""What a build can be asked for: one table, and all that is made of it."""
