"""Gives the chair its lease while all is well, latches stops, and calls the caregiver."""
