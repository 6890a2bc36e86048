"""How a chair of a fleet is, as its centre says it to who decides on a rollout."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict


class ChairIll(BaseModel):
    """Something that is not well: an alarm, a service, a chair in fault.

    Attributes:
        what: It, in a few words.
        since: From when on the centre knows of it, UTC.
    """

    model_config = ConfigDict(frozen=True)

    what: str
    since: datetime


class ChairHealth(BaseModel):
    """A chair, and nothing of a child.

    Attributes:
        name: In the fleet.
        revoked: It was taken out.
        version: Of most of its services in its last session; empty: it has had none.
        session: When that began, UTC, as the chair says.
        ills: What is not well now.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    revoked: bool = False
    version: str = ""
    session: datetime | None = None
    ills: tuple[ChairIll, ...] = ()
