"""What services say to each other: accounts, messages, topics."""
