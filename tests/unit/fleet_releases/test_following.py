"""Devices that follow their fleet: by what was signed alone, and never under a child."""

import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from calmloop.base.errors import InputError
from calmloop.cli.main import app
from calmloop.contract.messages.chair import ChairMode, ChairState
from calmloop.contract.messages.session import Phase, SessionState
from calmloop.device import release_commands
from calmloop.device.containers import ChairWord
from calmloop.device.deployment import Deployment
from calmloop.device.doctor import check_following
from calmloop.device.fetching import UntrustedRepositoryError
from calmloop.device.following import FOLDER, FirmwareAheadError, Following
from calmloop.device.releasing import NotHealthyError
from calmloop.fleet_releases.keys import make_keys
from calmloop.fleet_releases.rollout import Rollout
from tests.unit.device.release_rig import STILL, ReleasedDevice, damage, dies
from tests.unit.device.rig import graded
from tests.unit.fleet_centre.fleet_certificates import make_certificates
from tests.unit.fleet_releases.fleet_rig import Fleet, follower
from tests.unit.fleet_releases.repository_rig import serving

ARMED = ChairWord(SessionState(phase=Phase.IDLE), ChairState(mode=ChairMode.ARMED))
GOOD, BAD = "0.2.0", "0.3.0"
NAME = "chair-7"


@pytest.fixture
def device(fleet: Fleet) -> ReleasedDevice:
    return fleet.join(NAME)


def test_it_takes_what_is_for_it_and_goes_back_from_what_is_halted(
    fleet: Fleet, device: ReleasedDevice
) -> None:
    assert fleet.turn(device) == "nothing is rolled out"
    fleet.publish_with_images(GOOD)
    first = Rollout.begin(GOOD, "0.1.0", [NAME], fleet.now)
    fleet.say(first.model_copy(update={"reach": 0}))
    assert "is not for this chair yet" in fleet.turn(device)
    assert not list((device.home.folder / FOLDER).glob("release-*"))
    fleet.say(first)
    assert "every service is healthy" in fleet.turn(device)
    assert device.version == GOOD and device.profile.read_text() == "ceiling_pct: 40\n"
    assert not list((device.home.folder / FOLDER).glob("release-*")), "nothing is left of it"
    asked = len(device.called())
    assert fleet.turn(device) == f"{GOOD} is installed, as the fleet is to have"
    assert device.called()[asked:] == [], "no service is touched"
    fleet.say(first.halt("it smells"))
    assert "the fleet halted 0.2.0" in fleet.turn(device)
    assert device.version == "0.1.0"
    assert "0.2.0 is halted" in fleet.turn(device)
    # Anew, as a person says that it was no fault of the release.
    fleet.say(first.model_copy(update={"began": fleet.now + timedelta(days=1)}))
    fleet.turn(device)
    assert device.version == GOOD


def test_what_a_person_went_back_from_is_not_taken_again(
    fleet: Fleet, device: ReleasedDevice
) -> None:
    fleet.roll_out(GOOD)
    fleet.turn(device)
    device.releases().roll_back()
    assert "was gone back from" in fleet.turn(device)
    assert device.version == "0.1.0"


def test_under_a_session_or_while_armed_it_waits(fleet: Fleet, device: ReleasedDevice) -> None:
    fleet.roll_out(GOOD)
    for word in (ARMED, ChairWord(SessionState(phase=Phase.RUNNING)), ChairWord(silence="hush")):
        device.word, asked = word, len(device.called("stop", "compose up", "load"))
        assert "nothing was done" in (said := fleet.turn(device)) and "tries again" in said
        assert len(device.called("stop", "compose up", "load")) == asked and device.runs
    fleet_state = Following.read(device.home.folder)
    assert not fleet_state.failed and fleet_state.at == fleet.now
    device.word = STILL
    fleet.turn(device)
    device.word = ARMED
    fleet.say(fleet.said.halt("it smells"))
    assert "armed" in fleet.turn(device) and device.version == GOOD
    device.word = STILL
    fleet.turn(device)
    assert device.version == "0.1.0"


def test_with_another_firmware_it_waits_for_a_technician(fleet: Fleet) -> None:
    device = fleet.join("chair-8", profiles="device")
    fleet.roll_out("0.4.0")
    said = fleet.turn(device)
    assert "the chair's firmware is 1.2.0, and the release was made with 1.3.0" in said
    assert "`docker compose stop` and then `calmloop chair flash calmloop-chair-1.3.0.hex`" in said
    (there,) = (device.home.folder / FOLDER / "release-0.4.0").glob("*.hex")
    assert there.read_text() == ":1.3.0\n" and device.version == "0.1.0"
    assert not device.called("load")[1:], "its images were not even fetched"
    state = ChairState(mode=ChairMode.SAFE, firmware="1.3.0", cap_hash="bf7501d5")
    device.word = ChairWord(SessionState(phase=Phase.IDLE), state)
    fleet.turn(device)
    assert device.version == "0.4.0"
    fleet.say(fleet.said.halt("it smells"))
    with pytest.raises(FirmwareAheadError, match=r"0\.1\.0 .* is back, .* a technician flashes it"):
        fleet.turn(device)
    assert device.version == "0.1.0" and Following.read(device.home.folder).failed


def test_what_does_not_become_healthy_is_gone_back_from_and_not_tried_again(
    fleet: Fleet, device: ReleasedDevice
) -> None:
    (device.state / f"sick-{BAD}").touch()
    fleet.roll_out(BAD)
    with pytest.raises(NotHealthyError, match=r"0\.1\.0 \(.*\) is back with its data, healthy"):
        fleet.turn(device)
    deployment = Deployment.read(device.home.compose, environment={})
    grade, told = graded(check_following(deployment), "fleet")
    assert (grade, "does not become healthy" in told) == ("wrong", True)
    asked = len(device.called("stop"))
    assert "is not tried again" in fleet.turn(device)
    assert (device.version, len(device.called("stop"))) == ("0.1.0", asked)
    assert graded(check_following(deployment), "fleet")[0] == "good"


def test_without_a_network_nothing_happens(fleet: Fleet, device: ReleasedDevice) -> None:
    with serving(fleet.served) as gone:
        pass
    Following(url=gone, chair=NAME).write(device.home.folder)
    assert "is not to be had now ([Errno 111] Connection refused)" in fleet.turn(device)
    assert not Following.read(device.home.folder).failed
    shutil.rmtree(fleet.served / "metadata")
    Following(url=fleet.url, chair=NAME).write(device.home.folder)
    assert "is not to be had now (HTTP error occurred with status 404)" in fleet.turn(device)


def test_a_server_whose_certificate_is_not_trusted_is_for_somebody_to_see_to(
    fleet: Fleet, device: ReleasedDevice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fleet.roll_out(GOOD)
    make_certificates(tmp_path)
    with serving(fleet.served, tls=tmp_path) as url:
        Following(url=url, chair=NAME).write(device.home.folder)
        with pytest.raises(UntrustedRepositoryError, match=r"certificate .* update-ca-certificat"):
            fleet.turn(device)
        assert Following.read(device.home.folder).failed and device.version == "0.1.0"
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.crt"))
        fleet.turn(device)
    assert device.version == GOOD


def tampered(fleet: Fleet) -> None:
    file = fleet.file("release.json")
    damage(file.parent, file.name)


def out_of_date(fleet: Fleet) -> None:
    fleet.now -= timedelta(days=9)
    fleet.repository().set_rollout(b"{}")


def another_s(fleet: Fleet) -> None:
    make_keys(fleet.folder / "theirs")
    shutil.rmtree(fleet.served / "metadata")
    fleet.repository(fleet.folder / "theirs").begin()


def older(fleet: Fleet) -> None:
    timestamp = fleet.served / "metadata/timestamp.json"
    before = timestamp.read_bytes()
    fleet.repository().set_rollout(fleet.said.halt("it smells").model_dump_json().encode())
    for device in fleet.devices.values():
        fleet.turn(device)
    timestamp.write_bytes(before)


@pytest.mark.parametrize(
    ("attack", "words"),
    [
        (tampered, "a file is another than was signed"),
        (out_of_date, "the centre has not signed for days, or this device's clock is wrong"),
        (another_s, "not signed by those whom this device trusts"),
        (older, "older than what this device has seen"),
    ],
)
def test_what_was_not_signed_or_is_not_the_newest_is_refused(
    fleet: Fleet, device: ReleasedDevice, attack: object, words: str
) -> None:
    fleet.roll_out(GOOD)
    assert callable(attack)
    attack(fleet)
    with pytest.raises(UntrustedRepositoryError, match=words):
        fleet.turn(device)
    assert device.version == "0.1.0" and Following.read(device.home.folder).failed


def test_it_follows_to_other_keys(fleet: Fleet, device: ReleasedDevice) -> None:
    fleet.roll_out(GOOD)
    make_keys(fleet.folder / "new")
    fleet.repository(fleet.keys, fleet.folder / "new").rotate(fleet.folder / "new")
    fleet.turn(device)
    assert device.version == GOOD


def test_where_there_is_no_room_nothing_is_fetched(
    fleet: Fleet, device: ReleasedDevice, monkeypatch: pytest.MonkeyPatch
) -> None:
    fleet.roll_out(GOOD)
    usage = shutil.disk_usage(device.folder)._replace(free=0)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    with pytest.raises(InputError, match=r"0 MB are free .* `docker system prune` frees"):
        fleet.turn(device)
    assert list((device.home.folder / FOLDER / "release-0.2.0").iterdir()) == []


@pytest.mark.parametrize(
    "step", ["docker load", "rename compose.new", "docker compose up", "replace .update"]
)
def test_one_that_is_ended_half_way_goes_on(
    fleet: Fleet, device: ReleasedDevice, step: str
) -> None:
    fleet.roll_out(GOOD)
    died = dies(
        lambda dying: follower(device, dying).turn(fleet.now),
        device,
        lambda name: name.startswith(step),
    )
    assert died
    device.later()
    fleet.turn(device)
    assert device.version == GOOD and device.home.under_way() is None and device.runs
    assert fleet.turn(device) == f"{GOOD} is installed, as the fleet is to have"


def test_the_command(
    fleet: Fleet, device: ReleasedDevice, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    systemctl = device.folder / "programs/systemctl"
    systemctl.write_text('#!/bin/sh\necho "$@" >>"$0.called"\n')
    systemctl.chmod(0o755)
    monkeypatch.setattr(release_commands, "Machine", lambda: device.machine(device.run))
    shutil.rmtree(device.home.folder / FOLDER)

    def calmloop(*words: str) -> tuple[int, str]:
        given = ["device", "follow", *words, "--home", str(device.home.folder)]
        done = CliRunner().invoke(app, given, env={"COLUMNS": "300"})
        return done.exit_code, done.output

    assert calmloop()[0] == 2 and "--root FILE --chair NAME" in calmloop()[1]
    assert "by --chair" in calmloop(fleet.url)[1]
    root = tmp_path / "1.root.json"
    root.write_bytes(fleet.root)
    code, said = calmloop(fleet.url, "--root", str(root), "--chair", NAME)
    assert (code, "nothing is rolled out" in said) == (0, True), said
    units = device.folder / "root/etc/systemd/system"
    assert "device follow --home" in (units / "calmloop-follow.service").read_text()
    assert "OnUnitInactiveSec=15min" in (units / "calmloop-follow.timer").read_text()
    assert (
        "enable --quiet --now calmloop-follow.timer"
        in (device.folder / "programs/systemctl.called").read_text()
    )
    assert calmloop() == (0, "nothing is rolled out\n")
