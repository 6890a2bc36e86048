"""The words of a report, and dates and numbers as each language writes them."""

import json
from datetime import datetime, tzinfo
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

from calmloop.report.libraries import library

MISSING = "–"
"""Stands for what is not known; a zero would be a measured one."""


class ReportLanguage(StrEnum):
    """What a report may be written in."""

    EN = "en"
    DE = "de"
    LT = "lt"
    LV = "lv"


@cache
def catalogue(language: ReportLanguage) -> dict[str, str]:
    """All its words by their keys."""
    text = (files("calmloop.report") / "languages" / f"{language}.json").read_text("utf-8")
    words: dict[str, str] = json.loads(text)
    return words


class Speaker:
    """Speaks one language, in one time zone."""

    def __init__(self, language: ReportLanguage, zone: tzinfo | None = None) -> None:
        """Args: the language; the zone of every time that is told, None: this machine's."""
        self._dates, self._numbers = library("babel.dates"), library("babel.numbers")
        self.language = language
        self._words = catalogue(language)
        self._zone = zone
        # 24 hours and the day first, as in all of Europe.
        self._locale = library("babel").Locale.parse(
            "en_GB" if language is ReportLanguage.EN else language.value
        )

    def text(self, key: str, **values: Any) -> str:
        """A text by its key, with `{name}` filled in; one with `count` may differ by number."""
        found = self._words.get(key)
        if "count" in values:
            form = self._locale.plural_form(values["count"])
            found = self._words.get(f"{key}.{form}", self._words.get(f"{key}.other", found))
        if found is None:
            return key
        told = {
            name: self.number(value, 1) if isinstance(value, int | float) else value
            for name, value in values.items()
        }
        return found.format(**told)

    def has(self, key: str) -> bool:
        """Whether there are words for it."""
        return key in self._words

    def named(self, group: str, name: str) -> str:
        """The words for one of a group, else its own name: `alarm`, `distress`."""
        key = f"{group}.{name}"
        return self._words.get(key, name.replace("_", " "))

    def number(self, value: float | None, digits: int = 0) -> str:
        """A number, rounded."""
        if value is None:
            return MISSING
        # Never a minus before a zero.
        rounded = round(float(value), digits) + 0.0
        pattern = "#,##0" + ("." + "#" * digits if digits else "")
        return str(self._numbers.format_decimal(rounded, pattern, locale=self._locale))

    def percent(self, share: float | None) -> str:
        """A share of one."""
        if share is None:
            return MISSING
        return str(self._numbers.format_percent(round(share, 2), locale=self._locale))

    def date(self, at_ms: int) -> str:
        """A day in full."""
        return str(self._dates.format_date(self._local(at_ms), "long", locale=self._locale))

    def short_date(self, at_ms: int) -> str:
        """A day in few characters."""
        return str(self._dates.format_date(self._local(at_ms), "short", locale=self._locale))

    def time(self, at_ms: int) -> str:
        """Hours and minutes."""
        return str(self._dates.format_time(self._local(at_ms), "HH:mm", locale=self._locale))

    def date_time(self, at_ms: int) -> str:
        """Day and time."""
        return f"{self.date(at_ms)}, {self.time(at_ms)}"

    def zone_name(self, at_ms: int) -> str:
        """The zone of the times: its name, or this machine's as its distance from UTC then."""
        if named := getattr(self._zone, "key", None):
            return str(named)
        offset = self._local(at_ms).strftime("%z")
        return f"UTC{offset[:3]}:{offset[3:]}"

    def _local(self, at_ms: int) -> datetime:
        return datetime.fromtimestamp(at_ms / 1000).astimezone(self._zone)


def clock(seconds: float) -> str:
    """Minutes and seconds since a session's start."""
    whole = max(0, round(seconds))
    return f"{whole // 60}:{whole % 60:02d}"
