"""Who says what of a clip's segments: an expert by keyboard, a system by its own cores."""
