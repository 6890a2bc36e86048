"""Trains, quantises and measures the emotion network; Keras loads only when a command runs."""
