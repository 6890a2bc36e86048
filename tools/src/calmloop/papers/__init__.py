"""The other systems of the papers that Calmloop builds on, at small scale; `make papers`."""
