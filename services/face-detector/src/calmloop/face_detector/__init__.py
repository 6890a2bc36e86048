"""Finds the face of the child in the chair, follows it and judges whether it can be read."""
