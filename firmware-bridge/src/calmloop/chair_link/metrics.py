"""How well the link does, counted since it was opened last."""

from dataclasses import dataclass


@dataclass
class LinkMetrics:
    """Counts of frames, and the newest times in seconds; None before there is one."""

    sent: int = 0
    received: int = 0
    lost: int = 0
    """Gaps in the chair's sequence numbers."""
    bad: int = 0
    """Runs of bytes that were no frame, and frames that could not be read."""
    round_trip_s: float | None = None
    """IDENTIFY or ARM out to its answer in."""
    status_to_lease_s: float | None = None
    """STATUS with a nonce in to the LEASE that answers it out."""
    setpoint_to_applied_s: float | None = None
    """SETPOINT out to the first STATUS that reports it."""
