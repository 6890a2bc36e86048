"""The table of figures that a run prints, each checked against its bound as it is noted."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Measured:
    """One line of the table."""

    what: str
    value: float
    bound: float
    unit: str

    def text(self) -> str:
        """As it is printed."""
        return f"{self.what:<58} {self.value:10.2f}   bound {self.bound:g} {self.unit}"


MEASURED: list[Measured] = []


def within(what: str, value: float, bound: float, unit: str = "ms") -> None:
    """Notes a figure for the table, and fails when it is beyond its bound."""
    MEASURED.append(Measured(what, value, bound, unit))
    assert value <= bound, f"{what}: {value:.2f} {unit}, at most {bound:g} {unit}"


def at_least(what: str, value: float, bound: float, unit: str = "ms") -> None:
    """Notes a figure for the table, and fails when it is below its bound."""
    MEASURED.append(Measured(what, value, bound, f"{unit} at least"))
    assert value >= bound, f"{what}: {value:.2f} {unit}, at least {bound:g} {unit}"
