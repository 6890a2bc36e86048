"""How good a network is: metrics, evaluation, plots, the classical baseline."""
