"""The soundscapes that ship: each makes a loop of sound, periodic by construction."""
