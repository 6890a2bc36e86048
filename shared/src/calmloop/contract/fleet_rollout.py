"""Which release a fleet's chairs are to have, how many of them by now, and which was bad.

Who is first is said by a hash of release and chair: no list is kept, and it is others each time.
"""

import hashlib
from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

ROLLOUT_FILE = "rollout.json"
MAX_ROLLOUT_BYTES = 100_000
RELEASE_FILE = "release.json"
"""What a release says of itself."""
RELEASES = "releases/"
MAX_PLACE = (1 << 64) - 1


class FleetRollout(BaseModel):
    """What `rollout.json` says.

    Attributes:
        release: The version that is rolled out.
        before: That which most chairs had when it began.
        began: When it began, UTC.
        ring_pct: The ring, as a share of the fleet.
        since: When this ring began, UTC.
        reach: The last place in the order of chairs that is in the ring.
        halted: Why no further chair takes it; empty: it goes on.
        bad: Versions that were halted: who has one goes back.
    """

    model_config = ConfigDict(frozen=True)

    release: str = Field(pattern=r"^\d+(\.\d+)*$")
    before: str = ""
    began: datetime
    ring_pct: int = Field(ge=1, le=100)
    since: datetime
    reach: int = Field(ge=0, le=MAX_PLACE)
    halted: str = ""
    bad: tuple[str, ...] = ()

    def reaches(self, chair: str) -> bool:
        """Whether a chair is in the ring."""
        return place_of(chair, self.release) <= self.reach


def release_path(version: str) -> str:
    """How the names of a release's files in the repository begin."""
    return f"{RELEASES}{version}/"


def place_of(chair: str, release: str) -> int:
    """A chair's place in the order in which a release goes through the fleet: 0 is first."""
    digest = hashlib.sha256(f"{release}\n{chair}".encode()).digest()
    return int.from_bytes(digest[:8])
