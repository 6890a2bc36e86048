"""The heart and other signals of the body, from a strap, a serial line or a file."""
