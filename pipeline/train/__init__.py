"""Concept models: trained on scenes, judged beside what needs no training, asked how a story goes on."""
