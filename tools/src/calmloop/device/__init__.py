"""One device with a Compose deployment: what is wrong with it, and what it must not lose."""
