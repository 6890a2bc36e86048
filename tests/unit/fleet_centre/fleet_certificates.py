"""A fleet's authority and a server of it, in a folder."""

from pathlib import Path

from calmloop.compose_init.certificates import new_authority, new_server

HOST = "127.0.0.1"


def make_certificates(folder: Path) -> None:
    """authority.crt and .key, server.crt and .key."""
    authority = new_authority("a fleet")
    for name, pair in (("authority", authority), ("server", new_server(authority, [HOST]))):
        (folder / f"{name}.crt").write_bytes(pair.certificate)
        (folder / f"{name}.key").write_bytes(pair.key)
