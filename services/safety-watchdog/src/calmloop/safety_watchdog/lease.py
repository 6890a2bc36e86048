"""The proof in a lease: what only the watchdog computes from the chair's nonce.

PROTOCOL.md names the constant and the firmware checks the result. It guards against a bridge
that echoes its input by mistake, not against malice.
"""

import struct

import google_crc32c

LEASE_CONSTANT = b"calmloop"
"""Known to the watchdog and the firmware only; the bridge must not hold it (PROTOCOL.md)."""


def lease_proof(boot_id: int, nonce: int) -> int:
    """CRC-32C over the constant, the chair's boot id and its nonce, both 32 bits little-endian."""
    return int(google_crc32c.value(LEASE_CONSTANT + struct.pack("<II", boot_id, nonce)))
