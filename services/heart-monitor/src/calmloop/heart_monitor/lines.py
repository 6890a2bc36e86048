"""Lines of text from a board or a file, as readings.

A line holds pairs `name=value` or `name:value`, or bare numbers in the order of the last line of
names, in both cases parted by comma, semicolon, blank or tab; or one of PulseSensor's `B72`, `Q830`
and `S512`. Names that nobody asked for are passed over. README.md has the names.
"""

import math
import re
from collections.abc import Iterable, Mapping, Sequence

from calmloop.heart_monitor.reading import Battery, BodySample, Garbage, Measurement, Reading

RATE, INTERVAL, CONTACT, BATTERY, TIME = "rate_bpm", "rr_ms", "contact", "battery_pct", "time_s"
MEANINGS = {
    **dict.fromkeys(("rate_bpm", "rate", "bpm", "hr", "heart_rate"), RATE),
    **dict.fromkeys(("rr_ms", "rr", "ibi_ms", "ibi"), INTERVAL),
    **dict.fromkeys(("contact", "on_skin"), CONTACT),
    **dict.fromkeys(("battery_pct", "battery"), BATTERY),
    **dict.fromkeys(("time_s", "time", "t"), TIME),
}
"""What the names of columns mean, in small letters."""
LIMITS = {RATE: 1e4, INTERVAL: 1e5, CONTACT: 1.0, BATTERY: 100.0}
"""Beyond these it is none of its kind; what a heart cannot do is judged later."""
PULSESENSOR = {"B": RATE, "Q": INTERVAL, "S": "signal"}
MAX_LINE_BYTES = 1024
MAX_COLUMNS = 64
SEPARATORS = re.compile(r"\s*[,;]\s*|\s+")
PAIR = re.compile(r"(?<!\w)(\w[\w.%-]{0,63}+)\s*+[=:]\s*+([^\s=:,;]++)")
"""Never goes back over what it has read: the longest line takes no longer than its length says."""
NO_NAMES = frozenset({"nan", "inf", "infinity", "na", "null", "none"})
NAME = re.compile(r"[^\W\d][\w.%/()-]*")


class Columns:
    """Turns named values into readings.

    Args:
        signals: The column of each further signal, and the signal's name.
    """

    def __init__(self, signals: Mapping[str, str]) -> None:
        self._signals = {column.lower(): signal for column, signal in signals.items()}

    def knows(self, name: str) -> bool:
        """Whether a column of this name means anything here."""
        return name.lower() in self._signals or name.lower() in MEANINGS

    def readings(self, at_ns: int, values: Mapping[str, str]) -> list[Reading]:
        """What the values of one line say, the heart first."""
        known: dict[str, float] = {}
        samples: list[Reading] = []
        wrong: list[str] = []
        for name, text in values.items():
            column = name.lower()
            if column in self._signals:
                samples.append(BodySample(at_ns, self._signals[column], number(text)))
            elif MEANINGS.get(column) in LIMITS and text.strip():
                known[MEANINGS[column]] = value = number(text)
                if not 0.0 <= value <= LIMITS[MEANINGS[column]]:
                    wrong.append(f"{column} = {text.strip()[:20]!r}")
        if wrong:
            return [Garbage(at_ns, f"a line with {wrong[0]}"), *samples]
        return [*_heart(at_ns, known), *samples]


def _heart(at_ns: int, known: Mapping[str, float]) -> Iterable[Reading]:
    if known.keys() & {RATE, INTERVAL, CONTACT}:
        rr_ms = known.get(INTERVAL, 0.0)
        contact = known.get(CONTACT)
        yield Measurement(
            at_ns,
            rate_bpm=known.get(RATE) or None,
            rr_ms=(rr_ms,) if rr_ms else (),
            contact=None if contact is None else contact >= 0.5,
        )
    if BATTERY in known:
        yield Battery(at_ns, round(known[BATTERY]))


def number(text: str) -> float:
    """A decimal number; NaN where it is none. Python's own `1_000` and `١` are none."""
    try:
        return float(text) if text.isascii() and "_" not in text else math.nan
    except ValueError:
        return math.nan


class LineReader:
    """Reads lines of the formats above; remembers the last line of names.

    Args:
        columns: What names mean.
        names: The order of bare numbers, for a board that does not name them.
    """

    def __init__(self, columns: Columns, names: Sequence[str] = ()) -> None:
        self._columns = columns
        self._names = list(names)

    def readings(self, at_ns: int, line: bytes) -> list[Reading]:
        """What one line says; nothing for an empty one, a comment (#), or names."""
        if len(line) > MAX_LINE_BYTES:
            return [Garbage(at_ns, f"a line of more than {MAX_LINE_BYTES} bytes")]
        try:
            text = line.decode("ascii").strip()
        except UnicodeDecodeError:
            return [Garbage(at_ns, "a line that is no text: check the baud rate")]
        if not text or text.startswith("#"):
            return []
        values = self._values(text)
        if values is None:
            return [Garbage(at_ns, f"a line of no format that is known: {text[:40]!r}")]
        return self._columns.readings(at_ns, values)

    def _values(self, text: str) -> Mapping[str, str] | None:
        if text[0] in PULSESENSOR and text[1:].isdecimal():
            return {PULSESENSOR[text[0]]: text[1:]}
        if "=" in text or ":" in text:
            pairs = PAIR.findall(text)
            return dict(pairs) if 0 < len(pairs) <= MAX_COLUMNS else None
        return self._numbers(SEPARATORS.split(text))

    def _numbers(self, parts: list[str]) -> Mapping[str, str] | None:
        """Bare numbers by the names that hold for them; remembers these where they are names.

        Words of which none means anything are what a board has to say, and no names.
        """
        if len(parts) <= MAX_COLUMNS and all(map(_is_name, parts)):
            if any(map(self._columns.knows, parts)):
                self._names = parts
            return {}
        named = len(parts) == len(self._names)
        return dict(zip(self._names, parts, strict=True)) if named else None


def _is_name(part: str) -> bool:
    return NAME.fullmatch(part) is not None and part.lower() not in NO_NAMES
