"""Plays the track that the setpoint names, at a fixed gain; silent unless the chair is active."""
