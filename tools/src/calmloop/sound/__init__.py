"""Makes, measures and takes in the chair's sound: shipped soundscapes and a person's own tracks."""
