"""Passwords that nobody has to think of, and their hashes as Mosquitto reads them."""

import base64
import hashlib
import secrets

from pydantic import BaseModel, ConfigDict, Field

PASSWORD_BYTES = 16
SALT_BYTES = 12
ITERATIONS = 101
"""Mosquitto's own default. It need not be more: a password of 128 random bits is not guessed."""


class Credential(BaseModel):
    """An account's password, and the salt that keeps its hash the same on every run."""

    model_config = ConfigDict(frozen=True)

    password: str = Field(min_length=8)
    salt: str = Field(min_length=8)

    @classmethod
    def new(cls) -> "Credential":
        """A random password of hexadecimal digits, easy to type, and a random salt."""
        salt = secrets.token_bytes(SALT_BYTES)
        return cls(
            password=secrets.token_hex(PASSWORD_BYTES),
            salt=base64.b64encode(salt).decode(),
        )

    def mosquitto_hash(self) -> str:
        """`$7$iterations$salt$hash`, PBKDF2 with SHA-512: what mosquitto_passwd writes."""
        digest = hashlib.pbkdf2_hmac(
            "sha512", self.password.encode(), base64.b64decode(self.salt), ITERATIONS
        )
        return f"$7${ITERATIONS}${self.salt}${base64.b64encode(digest).decode()}"
