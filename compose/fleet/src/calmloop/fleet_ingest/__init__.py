"""At the centre of a fleet: stores what the chairs send, and tells them what is held."""
