"""The releases of a fleet: their signed repository, and how one goes from ring to ring."""
