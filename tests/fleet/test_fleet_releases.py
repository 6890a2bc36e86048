"""The centre decides on a rollout by what chairs sent it: a real database, and its own program."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import pytest

from calmloop.contract.fleet_topics import up_topic
from calmloop.contract.messages.fleet import FleetBatch, FleetItem, FleetItemKind
from calmloop.demo.children import start_child, stop_child
from calmloop.fleet_ingest.tables import PAGE_ACCOUNT
from calmloop.fleet_page.reading import FleetReader
from calmloop.fleet_releases.desk import RolloutDesk
from tests.fleet.centre import CHAIRS, Centre
from tests.fleet.device import EPOCH, Device
from tests.fleet.waiting import wait_until
from tests.processes import clean_environment
from tests.unit.fleet_releases.repository_rig import RepositoryRig

pytestmark = [pytest.mark.fleet, pytest.mark.timeout(600)]
ENDS_S = 30.0
BEGAN = timedelta(minutes=30)
LATER = "UPDATE fleet_latest SET since = since - interval '15 minutes'"
"""As if that had passed since the centre was told."""


@pytest.fixture
def rig(tmp_path: Path) -> RepositoryRig:
    rig = RepositoryRig(tmp_path)
    rig.publish("0.2.0")
    return rig


@pytest.fixture
def devices(centre: Centre) -> Iterator[dict[str, Device]]:
    """Every chair of the fleet, which has told of a session with an older release."""
    with ExitStack() as stack:
        of = {
            name: stack.enter_context(Device(centre.broker.mqtt_port, centre.certificates, name))
            for name in CHAIRS
        }
        yield of


class Program:
    """`python -m calmloop.fleet_releases` with what it has at a centre."""

    def __init__(self, centre: Centre, rig: RepositoryRig, folder: Path) -> None:
        postgres, self.judged = folder / "page", folder / "judged"
        postgres.write_text(centre.database.address_of(PAGE_ACCOUNT))
        self._log = folder / "releases.log"
        self._command = [sys.executable, "-m", "calmloop.fleet_releases"]
        self._env = clean_environment(
            FLEET_RELEASES_POSTGRES_FILE=str(postgres),
            FLEET_RELEASES_REPOSITORY=str(rig.served),
            FLEET_RELEASES_KEYS=str(rig.keys),
            FLEET_RELEASES_JUDGED_FILE=str(self.judged),
        )

    def once(self, *words: str) -> "subprocess.CompletedProcess[str]":
        """A person's word."""
        return subprocess.run(
            [*self._command, *words],
            env=self._env,
            capture_output=True,
            text=True,
            timeout=ENDS_S,
            check=False,
        )

    def turn(self) -> str:
        """What the container says the first time that it judges."""
        self.judged.unlink(missing_ok=True)
        process = start_child([*self._command, "run"], log=self._log, env=self._env)
        try:
            wait_until(lambda: self.judged.exists() and bool(self.judged.read_text()), ENDS_S)
            process.send_signal(signal.SIGTERM)
            assert process.wait(ENDS_S) == 0
        finally:
            stop_child(process)
        return self.judged.read_text()


def told(device: Device, item: FleetItem) -> None:
    """Has the centre hold one more event of a chair."""
    batch = FleetBatch(epoch=EPOCH, items=(item,))
    device.publish(up_topic(device.name), batch.model_dump_json())
    assert device.until(lambda: item.seq in device.acks())


def test_what_a_chair_sent_halts_a_rollout_and_a_person_begins_it_anew(
    centre: Centre, devices: dict[str, Device], rig: RepositoryRig, tmp_path: Path
) -> None:
    program, now = Program(centre, rig, tmp_path), rig.now
    event = FleetItem(seq=1, kind=FleetItemKind.EVENT, at_ms=0, what="session_started")

    def at(before: timedelta) -> int:
        return round((now - before).timestamp() * 1000)

    for device in devices.values():
        ran = event.model_copy(
            update={"at_ms": at(2 * BEGAN), "data": {"services": {"camera": "0.1.0"}}}
        )
        told(device, ran)
    reader = FleetReader(centre.database.address_of(PAGE_ACCOUNT))
    chairs = [chair.health() for chair in reader.every_chair()]
    assert {chair.name: chair.version for chair in chairs} == dict.fromkeys(CHAIRS, "0.1.0")
    desk = RolloutDesk(rig.served, rig.keys, lambda: chairs, lambda: now - BEGAN)
    assert desk.start("0.2.0") == "0.2.0: 1 %, 1 of 3 chairs"
    assert program.turn().startswith("0.2.0: waits: 0 of 1 chairs had a session with it")

    (first,) = [name for name in CHAIRS if rig.said.reaches(name)]
    ill = {"service": "camera", "presence": "offline", "healthy": False}
    told(
        devices[first],
        event.model_copy(
            update={"seq": 2, "at_ms": at(timedelta()), "what": "service", "data": ill}
        ),
    )
    assert "waits" in program.turn(), "it may be its start"
    centre.database.ask(LATER)
    halted = program.turn()
    assert f"halted: 1 of 1 chairs in the ring of 1 % are ill, {first}: camera offline" in halted
    assert rig.said.bad == ("0.2.0",)
    assert "halted: 1 of 1 chairs" in program.once("show").stdout

    refused = program.once("advance")
    assert (refused.returncode, "`start` begins" in refused.stderr) == (1, True)
    begun = program.once("start", "0.2.0")
    assert (begun.returncode, begun.stdout) == (0, "0.2.0: 1 %, 1 of 3 chairs\n")
    assert "is halted" in program.once("halt", "it smells").stdout
    assert program.once("start").returncode == program.once("show", "0.2.0").returncode == 2
