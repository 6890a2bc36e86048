"""Averaged weights: what a run is measured, saved and exported with."""

from typing import Any

from calmloop.training.learn.checkpoint import FloatArrays, read_variables

_EVERY_STEPS = 8
"""Averaging copies all weights: every eighth step with the decay to the eighth is as good."""


class AveragedWeights:
    """An exponential moving average of all weights, the batch statistics included.

    It forgets faster in the beginning, so that a short run does not keep its random start.
    """

    def __init__(self, values: FloatArrays, decay: float, steps: int = 0) -> None:
        self.values = values
        self._decay = decay
        self._steps = steps
        self._behind = 0

    def update(self, variables: list[Any]) -> None:
        """Count one step; every few steps move the average towards the variables."""
        self._steps += 1
        self._behind += 1
        if self._behind == _EVERY_STEPS:
            self.catch_up(variables)

    def catch_up(self, variables: list[Any]) -> None:
        """Move the average by the steps since it last moved; due before it is read."""
        keep = min(self._decay, (1 + self._steps) / (10 + self._steps)) ** self._behind
        self._behind = 0
        self.values = [
            keep * average + (1 - keep) * value
            for average, value in zip(self.values, read_variables(variables), strict=True)
        ]
