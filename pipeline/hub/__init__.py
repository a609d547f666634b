"""Datasets and inventories on the Hugging Face hub."""
