"""A training run: recipe, targets, losses, weights, checkpoints."""
