"""Statistics that several tools state their figures with."""
