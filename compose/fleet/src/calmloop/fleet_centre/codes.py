"""One-time codes, by which a device that has no certificate yet shows that it may have one.

A code is `NAME-SECRET`: the name finds it, the secret is compared in constant time, and the centre
keeps its hash alone.
"""

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta
from typing import NamedTuple

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""32 signs that nobody mixes up; I, O, 0 and 1 are not among them."""
NAME_SIGNS, SECRET_SIGNS = 4, 12
"""A secret has 60 bits: none is found within an hour and `MAX_TRIES`, nor from its hash."""
GROUP = 4
VALID = timedelta(hours=1)
MAX_TRIES = 5
"""Wrong secrets of one code, after which it is void."""


class OneTimeCode(NamedTuple):
    """A code in its two parts."""

    name: str
    secret: str

    @property
    def digest(self) -> bytes:
        """What is kept of the secret."""
        return hashlib.sha256(self.secret.encode()).digest()

    @property
    def written(self) -> str:
        """As a person reads and types it."""
        whole = self.name + self.secret
        return "-".join(whole[at : at + GROUP] for at in range(0, len(whole), GROUP))


class KeptCode(NamedTuple):
    """What the centre knows of a code."""

    chair: str
    digest: bytes
    expires: datetime
    failed: int


def new_code() -> OneTimeCode:
    """A code at random."""
    signs = "".join(secrets.choice(ALPHABET) for _ in range(NAME_SIGNS + SECRET_SIGNS))
    return OneTimeCode(signs[:NAME_SIGNS], signs[NAME_SIGNS:])


def parsed_code(text: str) -> OneTimeCode | None:
    """What was typed, whatever its case and groups; None where it can be no code."""
    signs = "".join(text.upper().replace("-", " ").split())
    if len(signs) != NAME_SIGNS + SECRET_SIGNS or set(signs) - set(ALPHABET):
        return None
    return OneTimeCode(signs[:NAME_SIGNS], signs[NAME_SIGNS:])


def code_fits(kept: KeptCode | None, given: OneTimeCode, now: datetime) -> bool:
    """Whether it is the code that is kept, and still good; takes as long where there is none."""
    digest = kept.digest if kept else bytes(hashlib.sha256().digest_size)
    fits = hmac.compare_digest(digest, given.digest)
    return kept is not None and fits and now < kept.expires and kept.failed < MAX_TRIES
