"""A real RabbitMQ, of one node or several, out of the root that `tools/rabbitmq.sh` makes."""

import base64
import json
import os
import re
import secrets
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.request import Request, urlopen

from calmloop.contract.fleet_topics import QUEUE
from calmloop.demo.children import start_child
from calmloop.fleet_centre.broker import TAG, permissions, topic_permissions
from tests.broker import free_port
from tests.fleet.waiting import wait_until

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
ROOT = CACHE / "calmloop/rabbitmq"
PROGRAMS = Path("/usr/lib/rabbitmq/bin")
SHIPPED = Path(__file__).resolve().parents[2] / "compose/fleet"
INGEST = "ingest"
PASSWORD = "of a test alone"
STARTED = "Time to start RabbitMQ"
START_S = 240.0
END_S = 30.0
ASK_S = 20.0
ERL_ARGS = "-kernel inet_dist_use_interface {127,0,0,1} +sbwtdcpu none +sbwtdio none"
"""Nodes that share cores do not wait busily, and RabbitMQ itself says `+sbwt none`: https://www.rabbitmq.com/docs/runtime#busy-waiting."""
ADMINISTRATOR = "centre"


@dataclass(frozen=True)
class Cluster:
    """What nodes have in common.

    Attributes:
        size: How many there are.
        cookie: By it they know each other.
        epmd: The port of what tells a node where another is.
    """

    size: int
    cookie: str = field(default_factory=lambda: secrets.token_hex(16))
    epmd: int = field(default_factory=free_port)

    @property
    def names(self) -> list[str]:
        """Of the nodes."""
        return [f"fleet-{number}@localhost" for number in range(1, self.size + 1)]


class RabbitNode:
    """One node with mutual TLS for MQTT; it keeps what it has through `kill` and `start`.

    Attributes:
        mqtt_port: For chairs: TLS with a certificate of the authority.
        log: What it says.
    """

    def __init__(
        self, name: str, cluster: Cluster, log: Path, certificates: Path, chairs: Sequence[str]
    ) -> None:
        self.log, self._name, self._cluster = log, name, cluster
        self._folder = Path(tempfile.mkdtemp(prefix="calmloop-", dir=ROOT / "srv"))
        self._inside = Path("/") / self._folder.relative_to(ROOT)
        self.mqtt_port, self.amqp_port, self._dist = (free_port() for _ in range(3))
        self._management_port = free_port()
        shutil.copytree(certificates, self._folder / "certificates")
        shutil.copy(SHIPPED / "enabled_plugins", self._folder / "plugins")
        cookie = self._folder / ".erlang.cookie"
        cookie.write_text(cluster.cookie)
        cookie.chmod(0o400)
        (self._folder / "definitions.json").write_text(json.dumps(definitions(chairs)))
        (self._folder / "rabbitmq.conf").write_text(self._configuration())

    @property
    def amqp(self) -> str:
        """Where a worker connects."""
        return f"amqp://{INGEST}:{PASSWORD.replace(' ', '%20')}@127.0.0.1:{self.amqp_port}/%2F"

    @property
    def management(self) -> str:
        """Where its accounts are made and ended."""
        words = f"{ADMINISTRATOR}:{PASSWORD.replace(' ', '%20')}"
        return f"http://{words}@127.0.0.1:{self._management_port}"

    def start(self) -> None:
        """Starts it."""
        # It reads its memory and disk in /proc, which is there for it alone.
        mounted = f"mount -t proc proc {ROOT}/proc && exec chroot {ROOT} {PROGRAMS}/rabbitmq-server"
        self._before = self._starts()
        self._child = start_child(
            ["unshare", "--mount", "sh", "-c", mounted], log=self.log, env=self.environment()
        )

    def started(self) -> bool:
        """Whether it takes connections."""
        assert self._child.poll() is None, f"{self._name} has ended: {self.log}"
        return self._starts() > self._before

    def kill(self) -> None:
        """kill -9."""
        with suppress(ProcessLookupError):
            os.killpg(self._child.pid, signal.SIGKILL)
        self._child.wait()

    def remove(self) -> None:
        """Deletes what it keeps."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def queue_members(self) -> int:
        """How many nodes hold the queue now."""
        with urlopen(self._asked("queues/%2F/" + QUEUE), timeout=ASK_S) as answer:
            return len(json.load(answer)["online"])

    def _asked(self, of: str) -> Request:
        words = base64.b64encode(f"{ADMINISTRATOR}:{PASSWORD}".encode()).decode()
        address = f"http://127.0.0.1:{self._management_port}/api/{of}"
        return Request(address, headers={"Authorization": f"Basic {words}"})

    def _starts(self) -> int:
        return self.log.read_text().count(STARTED) if self.log.exists() else 0

    def _configuration(self) -> str:
        inside = self._inside / "certificates"
        lines = {
            "listeners.tcp.1": f"127.0.0.1:{self.amqp_port}",
            "management.tcp.ip": "127.0.0.1",
            "management.tcp.port": self._management_port,
            "mqtt.listeners.tcp": "none",
            "mqtt.listeners.ssl.1": f"127.0.0.1:{self.mqtt_port}",
            "ssl_options.cacertfile": inside / "authority.crt",
            "ssl_options.certfile": inside / "server.crt",
            "ssl_options.keyfile": inside / "server.key",
            "ssl_options.verify": "verify_peer",
            "ssl_options.fail_if_no_peer_cert": "true",
            "ssl_cert_login_from": "common_name",
            "mqtt.ssl_cert_login": "true",
            "anonymous_login_user": "none",
        }
        if self._name == self._cluster.names[0]:
            lines["definitions.import_backend"] = "local_filesystem"
            lines["definitions.local.path"] = self._inside / "definitions.json"
            lines["definitions.skip_if_unchanged"] = "true"
        for number, name in enumerate(self._cluster.names, 1):
            lines[f"cluster_formation.classic_config.nodes.{number}"] = name
        return "".join(f"{key} = {value}\n" for key, value in lines.items())

    def environment(self) -> dict[str, str]:
        """What its programs are given."""
        return {
            "PATH": os.environ["PATH"],
            "LANG": "C.UTF-8",
            "HOME": f"{self._inside}",
            "RABBITMQ_NODENAME": self._name,
            "RABBITMQ_MNESIA_BASE": f"{self._inside}/data",
            "RABBITMQ_LOGS": "-",
            "RABBITMQ_CONFIG_FILE": f"{self._inside}/rabbitmq.conf",
            "RABBITMQ_ENABLED_PLUGINS_FILE": f"{self._inside}/plugins",
            "RABBITMQ_DIST_PORT": f"{self._dist}",
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": ERL_ARGS,
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "ERL_EPMD_PORT": f"{self._cluster.epmd}",
        }


class RabbitBroker:
    """All nodes of a centre.

    Attributes:
        nodes: The first is where workers go while it is there.
    """

    def __init__(self, folder: Path, certificates: Path, chairs: Sequence[str], size: int) -> None:
        self._cluster = Cluster(size)
        self.nodes = [
            RabbitNode(name, self._cluster, folder / f"{name}.log", certificates, chairs)
            for name in self._cluster.names
        ]

    @property
    def mqtt_port(self) -> int:
        """Of the first."""
        return self.nodes[0].mqtt_port

    @property
    def mqtt_ports(self) -> list[int]:
        """Of all."""
        return [node.mqtt_port for node in self.nodes]

    @property
    def amqp(self) -> str:
        """Where a worker connects: one address a line."""
        return "\n".join(node.amqp for node in self.nodes)

    @property
    def management(self) -> str:
        """Where accounts are made and ended: the same."""
        return "\n".join(node.management for node in self.nodes)

    def start(self) -> None:
        """Starts all, and returns once they take connections."""
        for node in self.nodes:
            node.start()
        wait_until(lambda: all(node.started() for node in self.nodes), START_S)

    def stop(self) -> None:
        """Ends all, with what they keep."""
        for node in self.nodes:
            node.kill()
        wait_until(self._epmd_ends, END_S)
        for node in self.nodes:
            node.remove()

    def _epmd_ends(self) -> bool:
        """It stays until it knows that the nodes are gone."""
        command = ["chroot", f"{ROOT}", "epmd", "-kill"]
        env = self.nodes[0].environment()
        return subprocess.run(command, env=env, capture_output=True, check=False).returncode == 0


def definitions(chairs: Sequence[str]) -> dict[str, list[object]]:
    """What ships, with its passwords, and an account of each chair."""
    made: dict[str, list[object]] = json.loads(
        re.sub("(INGEST|CENTRE)_PASSWORD", PASSWORD, (SHIPPED / "definitions.json").read_text())
    )
    for chair in chairs:
        made["users"].append({"name": chair, "password_hash": "", "tags": [TAG]})
        made["permissions"].append({"user": chair, "vhost": "/", **permissions(chair)})
        made["topic_permissions"].append({"user": chair, "vhost": "/", **topic_permissions(chair)})
    return made
