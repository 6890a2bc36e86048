"""A stream's address: what FFmpeg needs of it, and what people may see of it."""

import re
from dataclasses import dataclass, field
from urllib.parse import quote

from calmloop.base.errors import ConfigurationError

SCHEMES = ("rtsp", "rtsps", "http", "https", "tcp")
PIPELINE = "gst:"
"""What begins with it is a pipeline of GStreamer, and no address, though it may hold one."""
_PARTS = re.compile(r"([A-Za-z][A-Za-z0-9+.-]{0,19})://([^/?#]*)(.*)", re.DOTALL)
_HOST = re.compile(r"(?:[\w.-]+|\[[0-9A-Fa-f:.]+\])(?::(?P<port>[0-9]{1,5}))?")
_LONE_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_USER_INFO_SAFE = "%!$&'()*+,;=:"
_REST_SAFE = _USER_INFO_SAFE + "/?#[]@~"
HOW_TO_WRITE = (
    "write it as scheme://user:password@host:port/path, and what is special in user, password or"
    " path %-encoded: / as %2F, # as %23, ? as %3F, @ as %40, : as %3A"
)


@dataclass(frozen=True)
class Address:
    """Where a stream is.

    Attributes:
        scheme: One of SCHEMES.
        url: For FFmpeg, with user and password.
        origin: For people: scheme, host and port alone. User, path and query can each hold a key.
    """

    scheme: str
    url: str = field(repr=False)
    origin: str


def is_address(source: str) -> bool:
    """Whether a source is meant as an address."""
    return "://" in source and not source.startswith(PIPELINE)


def parse(text: str) -> Address:
    """Takes an address apart.

    Raises:
        ConfigurationError: it cannot be told apart; the text shows none of it but a scheme.
    """
    parts = _PARTS.fullmatch(text.strip())
    if parts is None:
        raise _not_understood("it begins with no scheme")
    scheme, authority, rest = parts[1].lower(), parts[2], parts[3]
    if scheme not in SCHEMES:
        raise ConfigurationError(
            f"camera.source: '{scheme}://' is not supported: use one of"
            f" {', '.join(SCHEMES)}, a device, a file, a folder or 'sim'"
        )
    if not text.strip().isprintable():
        raise _not_understood("it holds a character that cannot be printed")
    if "@" in rest:
        raise _not_understood("an @ stands behind the first /, ? or #")
    user_info, at, host = authority.rpartition("@")
    found = _HOST.fullmatch(host)
    if found is None or not 0 < int(found["port"] or 1) <= 65535:
        raise _not_understood("its host or port is none")
    origin = f"{scheme}://{host}"
    encoded = f"{_encoded(user_info, _USER_INFO_SAFE)}{at}{host}{_encoded(rest, _REST_SAFE)}"
    return Address(scheme, f"{scheme}://{encoded}", origin)


def _encoded(text: str, safe: str) -> str:
    return quote(_LONE_PERCENT.sub("%25", text), safe=safe)


def _not_understood(why: str) -> ConfigurationError:
    return ConfigurationError(
        f"camera.source: the address (not shown, it may hold a password) is not understood, {why}:"
        f" {HOW_TO_WRITE}"
    )
