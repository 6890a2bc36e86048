"""A real RabbitMQ on loopback, out of the root that `tools/rabbitmq.sh` makes."""

import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

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
START_S = 90.0
END_S = 30.0
ADMINISTRATOR = "centre"


class RabbitNode:
    """One node with mutual TLS for MQTT; it keeps what it has through `kill` and `start`.

    Attributes:
        mqtt_port: For chairs: TLS with a certificate of the authority.
        log: What it says.
    """

    def __init__(self, log: Path, certificates: Path, chairs: Sequence[str]) -> None:
        self.log = log
        self._folder = Path(tempfile.mkdtemp(prefix="calmloop-", dir=ROOT / "srv"))
        self._inside = Path("/") / self._folder.relative_to(ROOT)
        self.mqtt_port, self.amqp_port, self._epmd, self._dist = (free_port() for _ in range(4))
        self._management_port = free_port()
        shutil.copytree(certificates, self._folder / "certificates")
        shutil.copy(SHIPPED / "enabled_plugins", self._folder / "plugins")
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
        """Starts it, and returns once it takes connections."""
        # It reads its memory and disk in /proc, which is there for it alone.
        mounted = f"mount -t proc proc {ROOT}/proc && exec chroot {ROOT} {PROGRAMS}/rabbitmq-server"
        before = self._starts()
        self._child = start_child(
            ["unshare", "--mount", "sh", "-c", mounted], log=self.log, env=self._environment()
        )
        wait_until(lambda: self._starts() > before, START_S)

    def kill(self) -> None:
        """kill -9."""
        os.killpg(self._child.pid, signal.SIGKILL)
        self._child.wait()

    def stop(self) -> None:
        """Ends it with all that it keeps."""
        self.kill()
        wait_until(self._epmd_ends, END_S)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _starts(self) -> int:
        return self.log.read_text().count(STARTED) if self.log.exists() else 0

    def _epmd_ends(self) -> bool:
        """It stays until it knows that the node is gone."""
        command = ["chroot", f"{ROOT}", "epmd", "-kill"]
        done = subprocess.run(command, env=self._environment(), capture_output=True, check=False)
        return done.returncode == 0

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
            "load_definitions": self._inside / "definitions.json",
        }
        return "".join(f"{key} = {value}\n" for key, value in lines.items())

    def _environment(self) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "LANG": "C.UTF-8",
            "HOME": f"{self._inside}",
            "RABBITMQ_NODENAME": "fleet@localhost",
            "RABBITMQ_MNESIA_BASE": f"{self._inside}/data",
            "RABBITMQ_LOGS": "-",
            "RABBITMQ_CONFIG_FILE": f"{self._inside}/rabbitmq.conf",
            "RABBITMQ_ENABLED_PLUGINS_FILE": f"{self._inside}/plugins",
            "RABBITMQ_DIST_PORT": f"{self._dist}",
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "ERL_EPMD_PORT": f"{self._epmd}",
        }


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
