"""A centre on loopback: RabbitMQ, PostgreSQL, workers, enrolment, page; and chairs at it."""

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from calmloop.demo.children import start_child, stop_child
from calmloop.fleet_ingest.tables import PAGE_ACCOUNT
from tests.broker import Broker, free_port
from tests.contract.log_harness import LogClient
from tests.fleet.cable import Cable
from tests.fleet.certificates import issue
from tests.fleet.postgres import Postgres
from tests.fleet.rabbit import START_S, RabbitBroker
from tests.fleet.waiting import wait_until
from tests.processes import ServiceProcess, clean_environment, start_service

REPOSITORY = Path(__file__).resolve().parents[2]
CERTIFICATES = REPOSITORY / "compose/fleet/certificates.sh"
CHAIRS = ("chair-a", "chair-b", "chair-c")
WORKERS = 2
STORED_S = 60.0
ENDS_S = 60.0
AGAIN_S = 1.0


class Centre:
    """What a fleet has in one place.

    Attributes:
        certificates: The folder of the authority.
        broker: Its nodes.
        database: What is stored.
    """

    def __init__(self, folder: Path, simulated: Sequence[str] = (), nodes: int = 1) -> None:
        self.folder = folder
        self.certificates = folder / "certificates"
        for of in (("authority",), ("server", "127.0.0.1"), *(("device", c) for c in CHAIRS)):
            command = [str(CERTIFICATES), str(self.certificates), *of]
            subprocess.run(command, check=True, capture_output=True)
        issue(self.certificates, simulated)
        chairs = (*CHAIRS, *simulated)
        self.broker = RabbitBroker(folder, self.certificates, chairs, nodes)
        self.database = Postgres(folder / "postgres.log")
        self.enrolment_port, self.page_port = free_port(), free_port()
        self._workers: list[subprocess.Popen[bytes]] = []
        self._ending = threading.Event()
        self._supervisor = threading.Thread(target=self._supervise)
        self._servers: list[subprocess.Popen[bytes]] = []

    @contextmanager
    def running(self) -> Iterator["Centre"]:
        """Until the context ends."""
        with self.database:
            try:
                self.broker.start()
                self.database.ask(f"CREATE ROLE {PAGE_ACCOUNT} LOGIN")
                (self.folder / "amqp").write_text(self.broker.amqp)
                (self.folder / "management").write_text(self.broker.management)
                (self.folder / "postgres").write_text(self.database.address)
                self._supervisor.start()
                wait_until(lambda: self._ready() == WORKERS, ENDS_S)
                yield self
            finally:
                self._ending.set()
                if self._supervisor.is_alive():
                    self._supervisor.join()
                for process in (*self._workers, *self._servers):
                    stop_child(process)
                self.broker.stop()

    def start_servers(self) -> None:
        """Enrolment and page."""
        (self.folder / "page").write_text(self.database.address_of(PAGE_ACCOUNT))
        for module, *words in (("calmloop.fleet_centre", "serve"), ("calmloop.fleet_page",)):
            command = [sys.executable, "-m", module, *words]
            log = self.folder / "servers.log"
            self._servers.append(start_child(command, log=log, env=self._environment()))
        log = self.folder / "servers.log"
        wait_until(lambda: log.exists() and log.read_text().count("serves") == 2, ENDS_S)

    def command(self, *words: str, given: str = "") -> "subprocess.CompletedProcess[str]":
        """What a technician does at the centre."""
        return subprocess.run(
            [sys.executable, "-m", "calmloop.fleet_centre", *words],
            env=self._environment(),
            input=given,
            capture_output=True,
            text=True,
            timeout=ENDS_S,
            check=False,
        )

    def _environment(self) -> dict[str, str]:
        certificates = self.certificates
        served = {
            "TLS_CERTIFICATE_FILE": certificates / "server.crt",
            "TLS_KEY_FILE": certificates / "server.key",
        }
        centre = {
            **served,
            "POSTGRES_FILE": self.folder / "postgres",
            "BROKER_FILE": self.folder / "management",
            "AUTHORITY_FILE": certificates / "authority.crt",
            "AUTHORITY_KEY_FILE": certificates / "authority.key",
            "PORT": self.enrolment_port,
        }
        page = {**served, "POSTGRES_FILE": self.folder / "page", "PORT": self.page_port}
        return clean_environment() | {
            f"FLEET_{of}_{name}": str(value)
            for of, values in (("CENTRE", centre), ("PAGE", page))
            for name, value in values.items()
        }

    def _supervise(self) -> None:
        """Starts the workers, and one that has ended again; before one works there is no queue."""
        env = clean_environment(
            FLEET_INGEST_AMQP_FILE=str(self.folder / "amqp"),
            FLEET_INGEST_POSTGRES_FILE=str(self.folder / "postgres"),
        )
        command = [sys.executable, "-m", "calmloop.fleet_ingest"]
        while True:
            alive = [worker for worker in self._workers if worker.poll() is None]
            while len(alive) < WORKERS:
                alive.append(start_child(command, log=self.folder / "workers.log", env=env))
            self._workers = alive
            if self._ending.wait(AGAIN_S):
                return

    def _ready(self) -> int:
        log = self.folder / "workers.log"
        return log.read_text().count("stores what comes") if log.exists() else 0

    def kill_worker(self) -> None:
        """kill -9 of the oldest, after which another begins."""
        oldest = self._workers[0]
        oldest.kill()
        wait_until(lambda: oldest not in self._workers, ENDS_S)

    def kill_broker(self, meanwhile: Callable[[], None]) -> None:
        """kill -9 of the first node, which the workers are at; then it is started again."""
        node, before = self.broker.nodes[0], self._ready()
        node.kill()
        meanwhile()
        node.start()
        wait_until(node.started, START_S)
        wait_until(lambda: self._ready() >= before + WORKERS, ENDS_S)

    def numbers(self, chair: str) -> list[tuple[str, int, int]]:
        """Epoch, first and last number of each item of a chair, in their order."""
        sql = "SELECT epoch, seq, last FROM fleet_item WHERE chair = %s ORDER BY epoch, seq"
        return self.database.ask(sql, chair)

    def ratings(self, chair: str) -> int:
        """How many ratings of it are stored."""
        sql = "SELECT count(*) FROM fleet_item WHERE chair = %s AND what = 'rating'"
        ((count,),) = self.database.ask(sql, chair)
        return int(count)


class Chair:
    """A session log and its link, as processes, on a bus of their own."""

    def __init__(self, centre: Centre, broker: Broker, name: str, folder: Path) -> None:
        self._broker, self._folder, self.name = broker, folder, name
        self.cable = Cable(centre.broker.mqtt_ports)
        self.log = LogClient(folder / "log", free_port())
        self._certificates = centre.certificates
        self.entered = 0
        self._log: ServiceProcess | None = None
        self._link: ServiceProcess | None = None

    @contextmanager
    def running(self) -> Iterator["Chair"]:
        """Until the context ends."""
        self.start_log()
        try:
            self.start_link()
            yield self
        finally:
            for process in (self._link, self._log):
                if process:
                    process.terminate()
            self.cable.close()

    def start_log(self) -> None:
        """Starts the session log, with its outbox on."""
        self._log = start_service(
            "session_log",
            self._broker,
            self._folder / "out",
            SESSION_LOG__DATA_DIR=str(self._folder / "log"),
            SESSION_LOG__HTTP_PORT=str(self.log.port),
            SESSION_LOG__OUTBOX="true",
        )
        wait_until(self._answers, STORED_S)

    def start_link(self) -> None:
        """Starts what brings it to the centre."""
        self._link = start_service(
            "fleet_link",
            self._broker,
            self._folder / "out",
            FLEET_LINK__CENTRE_HOST="127.0.0.1",
            FLEET_LINK__CENTRE_PORT=str(self.cable.port),
            FLEET_LINK__AUTHORITY_FILE=str(self._certificates / "authority.crt"),
            FLEET_LINK__CERTIFICATE_FILE=str(self._certificates / f"{self.name}.crt"),
            FLEET_LINK__KEY_FILE=str(self._certificates / f"{self.name}.key"),
            FLEET_LINK__LOG_PORT=str(self.log.port),
            FLEET_LINK__LOG_TOKEN_FILE=str(self.log.token_file("outbox")),
        )

    def kill_log(self) -> None:
        """kill -9, and start it again."""
        assert self._log
        self._log.kill()
        self.start_log()

    def kill_link(self) -> None:
        """The same of the link."""
        assert self._link
        self._link.kill()
        self.start_link()

    def rate(self, count: int) -> None:
        """A caregiver enters so many ratings: each is kept when this returns."""
        for number in range(count):
            entry = {"kind": "rating", "child": "k7", "when": "after", "value": number % 5 + 1}
            status, said = self.log.ask("/v1/entries", "POST", entry)
            assert status == 201, said
        self.entered += count

    def waiting(self) -> int:
        """How much the centre has not acknowledged."""
        status, batch = self.log.ask("/v1/outbox", token="outbox")
        assert status == 200
        return len(batch["items"]) if batch else 0

    def _answers(self) -> bool:
        try:
            return self.log.ask("/v1/state", token="read")[0] == 200
        except OSError:
            return False


def gapless(numbers: Sequence[tuple[str, int, int]]) -> bool:
    """Whether each number of an epoch is there once, from 1 on."""
    ends = {epoch: 0 for epoch, _, _ in numbers}
    for epoch, first, last in numbers:
        if first != ends[epoch] + 1:
            return False
        ends[epoch] = last
    return True
