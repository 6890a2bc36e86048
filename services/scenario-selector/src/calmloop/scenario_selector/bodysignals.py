"""Signals of the body in the engine's units: their slow or resting part is taken off."""

import math

from calmloop.contract.messages.biosignal import BiosignalState

TONIC_S = 1.0 / (2.0 * math.pi * 0.05)
"""What changes more slowly than 0.05 Hz is skin conductance's tonic part (Boucsein, 2012)."""

REST_RISES_S = 300.0
"""The lowest activity of a muscle counts as its rest, and is forgotten in about this time."""

MIN_REST = 1e-9
"""Less is no activity of a muscle in any unit; it only keeps the ratio finite."""

MICROSIEMENS = frozenset({"µS", "μS", "uS"})
"""As it may be written: with the micro sign, with the Greek letter, on a plain keyboard."""


class PhasicConductance:
    """Skin conductance above its own slow part, in microsiemens."""

    def __init__(self) -> None:
        self._tonic: float | None = None
        self._at_s = 0.0

    def value(self, state: BiosignalState, at_s: float) -> float | None:
        """The phasic part at `at_s`; None where none is measured."""
        if state.value is None:
            return None
        if self._tonic is None:
            self._tonic, self._at_s = state.value, at_s
        share = 1.0 - math.exp(-max(0.0, at_s - self._at_s) / TONIC_S)
        self._tonic += share * (state.value - self._tonic)
        self._at_s = max(self._at_s, at_s)
        return state.value - self._tonic


class MuscleOverRest:
    """Strength of a muscle's EMG over its rest, as log10.

    The strength of a raw EMG is its standard deviation, since its mean is zero.
    """

    def __init__(self) -> None:
        self._rest = math.inf
        self._at_s = 0.0

    def value(self, state: BiosignalState, at_s: float) -> float | None:
        """The strength at `at_s`, 0 at rest; None where none is measured."""
        if not state.spread:
            return None
        strength = max(MIN_REST, state.spread)
        risen = math.exp(min(1.0, max(0.0, at_s - self._at_s) / REST_RISES_S))
        self._rest = min(strength, self._rest * risen)
        self._at_s = max(self._at_s, at_s)
        return math.log10(strength) - math.log10(self._rest)
