"""The dose ledger: how long a child was in the chair each day, and how strong it was."""

from datetime import date, datetime, timedelta

from pydantic import BaseModel, ConfigDict, Field

from calmloop.scenario_selector.day import Moment

DAYS_KEPT = 400
STRETCH_S = 60.0
"""Time after which a new stretch begins: a day's minutes are dated as finely as this."""

SET_FROM = timedelta(minutes=2)
"""A clock that is off by less was slewed, not set: dates stay."""

REMEMBERED_S = 48 * 3600.0
"""Stretches of this boot that are older need no date any more."""


class Kept(BaseModel):
    """Base of what is read back from a file: a number that is none is a damaged file."""

    model_config = ConfigDict(allow_inf_nan=False)


class DayDose(Kept):
    """What one child got on one day, as the chair reported its applied outputs."""

    sessions: int = Field(0, ge=0)
    minutes: float = Field(0.0, ge=0.0)
    vibration_pct_minutes: float = Field(0.0, ge=0.0, description="Level times duration.")
    sound_pct_minutes: float = Field(0.0, ge=0.0)
    peak_intensity_pct: float = Field(0.0, ge=0.0, le=100.0)


class Stretch(Kept):
    """Some minutes of this boot: when they were by both clocks, and where they are booked."""

    boot: str
    up_s: float
    at: datetime
    day: date
    minutes: float = Field(ge=0.0)


class Ledger(Kept):
    """All days of one child, by ISO date.

    Attributes:
        days: What was booked on each.
        stretches: What was given lately, so that it can be dated anew when the clock is set.
    """

    days: dict[date, DayDose] = Field(default_factory=dict)
    stretches: list[Stretch] = Field(default_factory=list)

    def minutes_on(self, today: date) -> float:
        """Minutes that count for `today`.

        What stands under a later date counts too: the clock was wrong then or is now, and a
        clock that is set back must not give a second dose.
        """
        return sum(dose.minutes for day, dose in self.days.items() if day >= today)

    def keep_from(self, today: date) -> None:
        """Forgets the days before `today`."""
        self.days = {day: dose for day, dose in self.days.items() if day >= today}
        self.stretches = [stretch for stretch in self.stretches if stretch.day >= today]

    def later_than(self, today: date) -> date | None:
        """The latest date that is later than today's; None if the clock and the days agree."""
        return max((day for day in self.days if day > today), default=None)

    def redate(self, now: Moment) -> None:
        """Books what was given since the boot by how long ago it was.

        So minutes of ten minutes ago are of ten minutes ago, whatever the clock was set to since:
        forward, back, or from 1970 to the present by NTP.
        """
        for stretch in self.stretches:
            if stretch.boot != now.boot:
                continue
            passed = timedelta(seconds=now.up_s - stretch.up_s)
            if abs(now.at - stretch.at - passed) >= SET_FROM:
                self._move(stretch, now.when(stretch.up_s))
        self.stretches = [
            stretch
            for stretch in self.stretches
            if stretch.boot == now.boot and now.up_s - stretch.up_s < REMEMBERED_S
        ]

    def _move(self, stretch: Stretch, at: datetime) -> None:
        day, stretch.at = at.date(), at
        if day == stretch.day:
            return
        booked = self._on(stretch.day)
        moved = min(stretch.minutes, booked.minutes)
        booked.minutes -= moved
        self._on(day).minutes += moved
        stretch.day = day

    def note(self, now: Moment, seconds: float) -> None:
        """Remembers when a stretch that was added on `now.day` was given."""
        last = self.stretches[-1] if self.stretches else None
        goes_on = (
            last is not None
            and (last.boot, last.day) == (now.boot, now.day)
            and now.up_s - last.up_s < STRETCH_S
        )
        if last is None or not goes_on:
            last = Stretch(boot=now.boot, up_s=now.up_s, at=now.at, day=now.day, minutes=0.0)
            self.stretches.append(last)
        last.minutes += seconds / 60.0

    def begin(self, today: date) -> None:
        """Counts a session."""
        self._on(today).sessions += 1

    def add(
        self,
        today: date,
        seconds: float,
        *,
        intensity_pct: float,
        vibration_pct: float,
        sound_pct: float,
    ) -> None:
        """Counts a stretch of a session.

        Args:
            today: The local date.
            seconds: How long it was.
            intensity_pct: The engine's, 0..100.
            vibration_pct: Applied by the chair, 0..100.
            sound_pct: Applied by the chair, 0..100.
        """
        dose, minutes = self._on(today), seconds / 60.0
        dose.minutes += minutes
        dose.vibration_pct_minutes += vibration_pct * minutes
        dose.sound_pct_minutes += sound_pct * minutes
        dose.peak_intensity_pct = max(dose.peak_intensity_pct, min(100.0, intensity_pct))

    def _on(self, today: date) -> DayDose:
        if today not in self.days:
            self.days[today] = DayDose()
            for oldest in sorted(self.days)[:-DAYS_KEPT]:
                # Before NTP today may be the oldest of all.
                if oldest != today:
                    del self.days[oldest]
        return self.days[today]
