"""Int8 networks: made, opened and run."""
