"""Chairs that nobody sits in, at the centre of a fleet."""
