"""The soundscapes that ship, made of numbers: synthesis, measures, mastering, and the files."""
