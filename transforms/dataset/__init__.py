"""What is published: tables, card, manifest."""
