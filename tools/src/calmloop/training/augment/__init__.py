"""Faces varied, mixed and corrupted."""
