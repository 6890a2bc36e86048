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
DICTIONARY = (
    b'{"kind":"chair","text":"safe","data":{"mode":"safe","fault":"","stop_reason":"","inputs":'
    b'{"estop":false,"ack":false,"seat":true,"enclosure_closed":true,"child_button":false,'
    b'"child_less":false}},"by":"caregiver"}'
    b'[{"at_ms":17959745,"level_pct":25.0,"vibration_pct":5.0,"vibration_hz":40.0,"sound_pct":6.2,'
    b'"red_pct":4.7,"green_pct":4.3,"blue_pct":12.7,"emotion":"neutral","confidence":0.9,'
    b'"valence":0.9,"coverage":1.0,"distress_fast":0.0,"distress_slow":0.0,"movement":1.2,'
    b'"head_speed":0.08,"heart_bpm":91.5,"rmssd_ms":33.7,"voice_db":0.0,"crying":0.0},'
)
"""What rows have alike (RFC 1950, FDICT): a third less. Never to be changed: rows need this one.
Rows from before it say that they need none."""


def seal(key: bytes, place: str, content: Any) -> bytes:
    """The nonce and the encrypted content.

    Args:
        key: 32 bytes.
        place: The table and the plain columns of the row.
        content: Whatever JSON can say.
    """
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    packing = zlib.compressobj(zdict=DICTIONARY)
    packed = packing.compress(text.encode()) + packing.flush()
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, packed, place.encode())


def unseal(key: bytes, place: str, sealed: object) -> Any:
    """What was sealed.

    Raises:
        DamagedRowError: it is not what was written with this key in this place.
    """
    packed = check_seal(key, place, sealed)
    try:
        return json.loads(_unpacked(packed))
    except (ValueError, zlib.error) as error:
        raise DamagedRowError(f"{place}: is not what this program writes") from error


def _unpacked(packed: bytes) -> bytes:
    return zlib.decompressobj(zdict=DICTIONARY).decompress(packed, MAX_CONTENT_BYTES)


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
