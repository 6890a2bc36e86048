"""Mosquitto's configuration, and the name of every file that it refers to."""

from collections.abc import Mapping
from pathlib import PurePosixPath

from calmloop.bus.transport import MAX_LARGE_PACKET_BYTES
from calmloop.compose_init.acl import PROBE, PROBE_TOPIC
from calmloop.compose_init.passwords import Credential

CONFIGURATION = "mosquitto.conf"
PASSWORDS = "passwords"
ACCESS_LIST = "acl"
SERVER_CERTIFICATE = "server.crt"
SERVER_KEY = "server.key"
PROBE_OPTIONS = "mosquitto_sub"
"""mosquitto_sub reads its options from this file in $XDG_CONFIG_HOME, so that the health check's
password is not on a command line."""

PLAIN_PORT = 1883
"""Plain MQTT for the containers, on the internal network alone."""
PEOPLE_PORT = 1884
"""Plain MQTT for people's clients, which Compose publishes on the host's loopback address."""
TLS_PORT = 8883

MAX_PACKET_BYTES = MAX_LARGE_PACKET_BYTES
"""Mosquitto has one limit for all topics, so it is that of the largest picture. Whoever sends more
is disconnected before it is read. A stop of any size that the broker takes must reach the services,
so it is not more than they read."""
MAX_QUEUED_MESSAGES = 100
"""Bounds what a stopped consumer of pictures costs: without it the broker grew by 98 MB."""
MAX_QUEUED_BYTES = 1024 * 1024
"""For each client, of QoS 1: states and commands are some hundred bytes."""
MAX_INFLIGHT_MESSAGES = 20
MAX_INFLIGHT_BYTES = 1024 * 1024
MEMORY_LIMIT_BYTES = 64 * 1024 * 1024
"""All that the broker may allocate. Beyond it the sender or the reader that asks for more is
disconnected, and the broker lives: compose.yaml computes its container's limit from this."""
MAX_SERVICE_CONNECTIONS = 100
MAX_PEOPLE_CONNECTIONS = 2000
MAX_TLS_CONNECTIONS = 500
"""A TLS connection costs some 25 kB, which `memory_limit` does not count, before any password."""


def configuration(
    folder: PurePosixPath,
    plain_port: int = PLAIN_PORT,
    people_port: int = PEOPLE_PORT,
    tls_port: int = TLS_PORT,
) -> str:
    """Mosquitto's configuration.

    Args:
        folder: Where the broker sees its files.
        plain_port: For the compose network only.
        people_port: For the host's loopback address only. Who exhausts its connections leaves those
            of the services alone.
        tls_port: For the outside.
    """
    return f"""# Made at every start; changes made here are lost.
per_listener_settings false
allow_anonymous false
password_file {folder / PASSWORDS}
acl_file {folder / ACCESS_LIST}

# Nothing outlives the broker: services publish their states again on every connect.
persistence false
max_packet_size {MAX_PACKET_BYTES}
max_queued_messages {MAX_QUEUED_MESSAGES}
max_queued_bytes {MAX_QUEUED_BYTES}
max_inflight_messages {MAX_INFLIGHT_MESSAGES}
max_inflight_bytes {MAX_INFLIGHT_BYTES}
memory_limit {MEMORY_LIMIT_BYTES}
set_tcp_nodelay true

log_dest stderr
log_type error
log_type warning
log_type notice
log_timestamp_format %Y-%m-%dT%H:%M:%S

listener {plain_port}
max_connections {MAX_SERVICE_CONNECTIONS}

listener {people_port}
max_connections {MAX_PEOPLE_CONNECTIONS}

listener {tls_port}
max_connections {MAX_TLS_CONNECTIONS}
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
