"""Every record, table and manifest of scenesign, declared once."""
