"""How restless a child is, by two streams: what is seen, and what moves."""
