"""Brings what waits in the session log to the centre of a fleet."""
