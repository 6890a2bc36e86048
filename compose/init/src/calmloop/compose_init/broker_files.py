"""Mosquitto's configuration, and the name of every file that it refers to."""

from collections.abc import Mapping
from pathlib import PurePosixPath

from calmloop.compose_init.acl import PROBE, PROBE_TOPIC
from calmloop.compose_init.passwords import Credential
from calmloop.transport import LARGE_PACKET_MAX_BYTES

CONFIGURATION = "mosquitto.conf"
PASSWORDS = "passwords"
ACCESS_LIST = "acl"
SERVER_CERTIFICATE = "server.crt"
SERVER_KEY = "server.key"
PROBE_OPTIONS = "mosquitto_sub"
"""mosquitto_sub reads its options from this file in $XDG_CONFIG_HOME, so that the health check's
password is not on a command line."""

MAX_QUEUED_MESSAGES = 100
"""Bounds what a stopped consumer of pictures costs: without it the broker grew by 98 MB."""
MAX_PACKET_BYTES = LARGE_PACKET_MAX_BYTES
"""A stop of any size that the broker takes must reach the services, so not more than they read."""


def configuration(folder: PurePosixPath, plain_port: int = 1883, tls_port: int = 8883) -> str:
    """Mosquitto's configuration.

    Args:
        folder: Where the broker sees its files.
        plain_port: For the compose network and the host's loopback address only.
        tls_port: For the outside.
    """
    return f"""# Made at every start; changes made here are lost.
per_listener_settings false
allow_anonymous false
password_file {folder / PASSWORDS}
acl_file {folder / ACCESS_LIST}

# Nothing outlives the broker: services publish their states again on every connect.
persistence false
max_queued_messages {MAX_QUEUED_MESSAGES}
max_packet_size {MAX_PACKET_BYTES}
set_tcp_nodelay true

log_dest stderr
log_type error
log_type warning
log_type notice
log_timestamp_format %Y-%m-%dT%H:%M:%S

listener {plain_port}

listener {tls_port}
certfile {folder / SERVER_CERTIFICATE}
keyfile {folder / SERVER_KEY}
tls_version tlsv1.2
"""


def password_file(credentials: Mapping[str, Credential]) -> str:
    """Mosquitto's password_file: one account and hash a line."""
    return "".join(
        f"{name}:{credential.mosquitto_hash()}\n" for name, credential in credentials.items()
    )


def probe_options(credential: Credential) -> str:
    """Options with which mosquitto_sub exits 0 when the broker answers within 3 s."""
    options = [
        "-h 127.0.0.1",
        f"-u {PROBE}",
        f"-P {credential.password}",
        f"-t {PROBE_TOPIC}",
        "-C 1",
        "-W 3",
    ]
    return "\n".join(options) + "\n"
