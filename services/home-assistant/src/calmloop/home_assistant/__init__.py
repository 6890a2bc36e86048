"""The chair as a device of Home Assistant: what it does, and what anybody may lower."""
