"""Concept models: trained on the scenes of a dataset, compared with what needs no training, and asked how a story goes on."""
