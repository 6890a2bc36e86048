"""The one-shot service that makes what the broker and its clients need, before they start."""
