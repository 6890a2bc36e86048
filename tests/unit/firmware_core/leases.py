"""The nonces that a chair gives, and the leases for them."""

from calmloop.chair_link.messages import Flags, Lease, Status
from tests.unit.firmware_core.core import CoreChair


def next_nonce(chair: CoreChair) -> Status:
    """The next STATUS that issues a nonce; it is still the same millisecond."""
    before = len(chair.statuses)
    while not any(Flags.FRESH_NONCE in s.flags for s in chair.statuses[before:]):
        chair.run(1)
    return chair.statuses[-1]


def lease_for(chair: CoreChair, status: Status) -> Lease:
    return Lease(status.nonce, chair.core.lease_proof(chair.boot_id, status.nonce))
