"""One device with a Compose deployment: its release, its faults, and what it must not lose."""
