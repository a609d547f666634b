"""The inventory: sampled, fitted, frozen, and what it does with a text or a query."""
