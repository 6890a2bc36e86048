"""The emulator's JSON lines, read while they are being written."""

import json
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

CYCLES_PER_S = 16_000_000


@dataclass(frozen=True)
class Event:
    """Something that happened at a cycle of the chip; `at_ns` is CLOCK_MONOTONIC.

    Names are: reset, power-off, level, amplifier, vibration, sine, eeprom, eeprom-cut and
    command; `members` are the rest of the line.
    """

    at_ns: int
    cycle: int
    name: str
    members: dict[str, Any]

    @property
    def at_s(self) -> float:
        """Emulated seconds since the emulator began."""
        return self.cycle / CYCLES_PER_S


@dataclass(frozen=True)
class Given:
    """What the outputs gave from `at_ns` (CLOCK_MONOTONIC) on, read from the pins."""

    at_ns: int
    cycle: int
    state: str
    vibration_pct: float
    vibration_hz: float
    sound_pct: float
    red_pct: float
    green_pct: float
    blue_pct: float

    @property
    def felt(self) -> bool:
        """Whether vibration or sound is on."""
        return self.vibration_pct > 0 or self.sound_pct > 0

    @property
    def lit(self) -> bool:
        """Whether any light is on."""
        return self.red_pct > 0 or self.green_pct > 0 or self.blue_pct > 0


class Lines:
    """A file of JSON lines that grows."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read = 0

    def poll(self) -> list[dict[str, Any]]:
        """The whole lines that were added since the last call."""
        if not self._path.exists():
            return []
        with self._path.open("rb") as file:
            file.seek(self._read)
            data = file.read()
        whole = data[: data.rfind(b"\n") + 1]
        self._read += len(whole)
        return [json.loads(line) for line in whole.splitlines()]


def event_of(record: dict[str, Any]) -> Event:
    """An event from its line."""
    members = {k: v for k, v in record.items() if k not in {"at_ns", "cycle", "event"}}
    return Event(record["at_ns"], record["cycle"], record["event"], members)


def given_of(record: dict[str, Any]) -> Given:
    """Outputs from their line."""
    return Given(**{field.name: record[field.name] for field in fields(Given)})
