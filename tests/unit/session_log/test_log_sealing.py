"""A row's content: packed with what rows have alike, and read whoever wrote it."""

import json
import os
import zlib

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from calmloop.session_log.sealing import DICTIONARY, KEY_BYTES, NONCE_BYTES, seal, unseal

ADLER = 971288925
KEY, PLACE = bytes(KEY_BYTES), "sample|1|k|s|0"
SAMPLES = [
    {"at_ms": 1795974568664 + 500 * n, "emotion": "positive", "confidence": 0.93, "valence": 0.9}
    for n in range(10)
]


def sealed_before(content: object) -> bytes:
    """As it was before there was a dictionary."""
    nonce = os.urandom(NONCE_BYTES)
    packed = zlib.compress(json.dumps(content).encode())
    return nonce + AESGCM(KEY).encrypt(nonce, packed, PLACE.encode())


def test_what_was_sealed_is_what_is_unsealed_and_smaller() -> None:
    sealed = seal(KEY, PLACE, SAMPLES)
    assert unseal(KEY, PLACE, sealed) == SAMPLES
    assert len(sealed) < 0.8 * len(sealed_before(SAMPLES))


def test_rows_from_before_the_dictionary_are_read() -> None:
    assert unseal(KEY, PLACE, sealed_before(SAMPLES)) == SAMPLES


def test_the_dictionary_is_the_one_that_rows_were_written_with() -> None:
    assert zlib.adler32(DICTIONARY) == ADLER
