"""Measures what the voice listener calls crying: on recordings, speech and made-up sound."""
