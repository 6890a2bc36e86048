"""One row of the report: a value with its interval, beside its bound."""

from dataclasses import dataclass

from calmloop.simulate.intervals import Measured


@dataclass(frozen=True)
class Figure:
    """One row of the report.

    Attributes:
        name: What it is.
        measured: Value and interval.
        unit: As it is printed: "%", "s", "/h" or nothing; a share is 0 to 1 inside.
        bound: Largest value that is good enough, or least where `at_least`.
        today: What version 0.1 was found to do, in words.
    """

    name: str
    measured: Measured
    unit: str = ""
    bound: float | None = None
    at_least: bool = False
    today: str = ""

    @property
    def holds(self) -> bool | None:
        """Whether the value keeps its bound; None when there is none, or nothing was measured."""
        if self.bound is None or not self.measured.of:
            return None
        value = self.measured.value
        return value >= self.bound if self.at_least else value <= self.bound
