"""The dose ledger: how long a child was in the chair each day, and how strong it was."""

from datetime import date

from pydantic import BaseModel, Field

DAYS_KEPT = 400


class DayDose(BaseModel):
    """What one child got on one day, as the chair reported its applied outputs."""

    sessions: int = Field(0, ge=0)
    minutes: float = Field(0.0, ge=0.0)
    vibration_pct_minutes: float = Field(0.0, ge=0.0, description="Level times duration.")
    sound_pct_minutes: float = Field(0.0, ge=0.0)
    peak_intensity_pct: float = Field(0.0, ge=0.0, le=100.0)


class Ledger(BaseModel):
    """All days of one child, by ISO date."""

    days: dict[date, DayDose] = Field(default_factory=dict)

    def minutes_on(self, today: date) -> float:
        """Minutes that count for `today`.

        What stands under a later date counts too: the clock was wrong then or is now, and a
        clock that is set back must not give a second dose.
        """
        return sum(dose.minutes for day, dose in self.days.items() if day >= today)

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
                del self.days[oldest]
        return self.days[today]
