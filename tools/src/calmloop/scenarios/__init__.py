"""Looks at scenarios before a child meets them: drawn, heard, and held against the chair's gate."""
