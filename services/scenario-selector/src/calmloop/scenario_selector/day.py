"""The local day: which one it is, and how long ago something was by a clock that nobody sets."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import cached_property

from calmloop.base.clock import Clock


@dataclass(frozen=True)
class Moment:
    """A point in time by both clocks.

    Attributes:
        at: Wall time with its zone, which people and NTP set.
        boot: The kernel's boot id; `up_s` of different boots cannot be compared.
        up_s: Time since boot in s, suspension included, which nobody sets.
        zone: Whose dates count; None for the system's.
    """

    at: datetime
    boot: str
    up_s: float
    zone: tzinfo | None = None

    @cached_property
    def day(self) -> date:
        """The local date."""
        return self.at.astimezone(self.zone).date()

    def when(self, up_s: float) -> datetime:
        """The wall time of an earlier moment of this boot, as the wall clock stands now."""
        # In UTC, since in a zone Python counts an hour that the clocks skip.
        at = self.at.astimezone(UTC) - timedelta(seconds=self.up_s - up_s)
        return at.astimezone(self.zone)


def moment(clock: Clock, boot: str, zone: tzinfo | None = None) -> Moment:
    """Now, in `zone` or else in the system's."""
    return Moment(clock.utc_now(), boot, clock.up_ns() / 1e9, zone)
