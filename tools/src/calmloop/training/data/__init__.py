"""Faces: how they are read, labelled and described."""
