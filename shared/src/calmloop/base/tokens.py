"""Proof that someone is present: short-lived tokens for whatever can raise an output.

A stored, repeated or automatic publish carries an old token or none, and starts nothing.
"""

import secrets

from calmloop.base.clock import Clock

RENEW_S = 2.0
VALID_S = 5.0


class TokenIssuer:
    """Hands out a token that is renewed every 2 s and valid 5 s; a use voids all outstanding."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._issued: list[tuple[int, str]] = []
        self.renew_if_due()

    @property
    def current(self) -> str:
        """The newest token."""
        return self._issued[-1][1]

    def renew_if_due(self) -> bool:
        """Issues a new token when the newest is older than 2 s; says whether it did."""
        now_ns = self._clock.monotonic_ns()
        if self._issued and now_ns - self._issued[-1][0] < RENEW_S * 1e9:
            return False
        self._issue(now_ns)
        return True

    def use(self, token: str | None) -> str | None:
        """Redeems a token: None when it was good, else the reason for refusing it."""
        if not token:
            return "it carries no token: read the newest from the state topic"
        now_ns = self._clock.monotonic_ns()
        for issued_ns, known in self._issued:
            if secrets.compare_digest(known.encode(), token.encode()):
                if now_ns - issued_ns > VALID_S * 1e9:
                    break
                self._issued.clear()
                self._issue(now_ns)
                return None
        return f"its token is used, unknown or older than {VALID_S:g} s: read the newest"

    def _issue(self, now_ns: int) -> None:
        self._issued = [(t, k) for t, k in self._issued if now_ns - t <= VALID_S * 1e9]
        self._issued.append((now_ns, secrets.token_hex(8)))
