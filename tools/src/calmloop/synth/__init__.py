"""Synthetic children: drawn from a free mesh, labelled by how they were made."""
