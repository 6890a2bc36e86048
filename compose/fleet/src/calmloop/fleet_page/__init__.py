"""A page of the fleet, for technicians: how each chair is, and nothing of a child."""
