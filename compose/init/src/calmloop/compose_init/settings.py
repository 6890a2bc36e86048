"""What can be set of the accounts: the chair's id, the names in the certificate, three folders."""

import ipaddress
import os
import re
from pathlib import Path
from typing import Self

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from calmloop.contract.topic import CHAIR_ID_PATTERN

LOCAL_NAMES = ("localhost", "broker", "127.0.0.1", "::1")
"""Always in the certificate: the host itself, and the name on the compose network."""
HOST_NAME = re.compile(r"^(\*\.)?([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.?)+$")


class InitSettings(BaseSettings):
    """Read from the environment."""

    model_config = SettingsConfigDict(env_prefix="CALMLOOP_", frozen=True)

    chair_id: str = Field("chair-1", pattern=CHAIR_ID_PATTERN)
    tls_names: str = Field(
        "", description="Comma-separated host names and addresses by which clients call the broker."
    )
    vault: Path = Path("/vault")
    accounts: Path = Path("/run/accounts")
    compose: Path = Path("/compose")

    @field_validator("tls_names")
    @classmethod
    def _are_names(cls, value: str) -> str:
        for name in _split(value):
            if not (_is_address(name) or HOST_NAME.match(name)):
                raise ValueError(
                    f"'{name}' is neither a host name nor an IP address:"
                    " write them separated by commas, as in 'chair.clinic.example, 192.0.2.7'"
                )
        return value

    @classmethod
    def load(cls) -> Self:
        """Reads the environment, and leaves in it what the services' own settings know."""
        settings = cls()
        for name in sorted(cls.model_fields.keys() - {"chair_id"}):
            os.environ.pop(f"CALMLOOP_{name.upper()}", None)
        return settings

    def certificate_names(self) -> tuple[str, ...]:
        """Every name in the broker's certificate, the chosen ones first, each once."""
        return tuple(dict.fromkeys((*_split(self.tls_names), *LOCAL_NAMES)))


def _split(value: str) -> list[str]:
    names = (name.strip() for name in value.split(","))
    return [str(ipaddress.ip_address(n)) if _is_address(n) else n.lower() for n in names if n]


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
