"""Closes the loop: from what is read in a child's face to what the chair does."""
