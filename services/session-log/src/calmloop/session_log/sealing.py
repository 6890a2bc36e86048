"""A row's content, encrypted with its child's key and bound to its place.

AES-256 in Galois/Counter mode (NIST SP 800-38D) with a random nonce of 96 bits: whatever is changed
in a row, or moved to another, is refused. 2^32 rows a key are within that standard's bound.
"""

import json
import os
import zlib
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from calmloop.session_log.errors import DamagedRowError

KEY_BYTES = 32
NONCE_BYTES = 12
MAX_CONTENT_BYTES = 1_000_000
"""Of what is unpacked; more was never written."""


def seal(key: bytes, place: str, content: Any) -> bytes:
    """The nonce and the encrypted content.

    Args:
        key: 32 bytes.
        place: The table and the plain columns of the row.
        content: Whatever JSON can say.
    """
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, zlib.compress(text.encode()), place.encode())


def unseal(key: bytes, place: str, sealed: object) -> Any:
    """What was sealed.

    Raises:
        DamagedRowError: it is not what was written with this key in this place.
    """
    packed = check_seal(key, place, sealed)
    try:
        return json.loads(zlib.decompressobj().decompress(packed, MAX_CONTENT_BYTES))
    except (ValueError, zlib.error) as error:
        raise DamagedRowError(f"{place}: is not what this program writes") from error


def check_seal(key: bytes, place: str, sealed: object) -> bytes:
    """The content, still packed.

    Raises:
        DamagedRowError: it is not what was written with this key in this place.
    """
    if not isinstance(sealed, bytes):
        raise DamagedRowError(f"{place}: holds no bytes")
    try:
        return AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], place.encode())
    except (InvalidTag, ValueError) as error:
        raise DamagedRowError(f"{place}: is not what was written there") from error
