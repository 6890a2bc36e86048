"""What may run the network: a file here is one runtime, with its settings and what opens it."""
