"""The session log from the command line: copies of it, what it holds, and its erasure."""
