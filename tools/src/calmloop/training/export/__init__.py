"""From a run to a model that is shipped, with its card."""
