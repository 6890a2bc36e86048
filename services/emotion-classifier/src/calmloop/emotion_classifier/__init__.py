"""Reads an emotion, or doubt, from the crop of one face."""
