"""The releases of a fleet, signed: a chair takes what was signed, the newest, and nothing else."""

import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from tuf.api.exceptions import (
    BadVersionNumberError,
    ExpiredMetadataError,
    LengthOrHashMismatchError,
    UnsignedMetadataError,
)
from tuf.ngclient import Updater
from typer.testing import CliRunner, Result

from calmloop.base.errors import InputError
from calmloop.cli.main import app
from calmloop.contract.fleet_rollout import release_path
from calmloop.device.bundle import Bundle
from calmloop.fleet.repository_commands import publish_bundle
from calmloop.fleet_releases.keys import make_keys
from calmloop.fleet_releases.repository import GOOD_FOR, FleetRepository
from tests.unit.device.release_rig import damage, make_release
from tests.unit.fleet_releases.repository_rig import RepositoryRig, client, serving

ABOUT = release_path("0.2.0") + "release.json"


@pytest.fixture
def rig(tmp_path: Path) -> RepositoryRig:
    return RepositoryRig(tmp_path)


@pytest.fixture
def url(rig: RepositoryRig) -> Iterator[str]:
    with serving(rig.served) as address:
        yield address


def chair(rig: RepositoryRig, url: str) -> Updater:
    return client(url, rig.root, rig.folder / "chair")


def fetch(updater: Updater, name: str) -> bytes:
    target = updater.get_targetinfo(name)
    assert target is not None
    return Path(updater.download_target(target)).read_bytes()


def test_a_release_is_there_with_its_firmware_and_is_what_was_published(
    rig: RepositoryRig, url: str
) -> None:
    assert chair(rig, url).get_targetinfo(ABOUT) is None
    rig.publish("0.2.0", firmware="1.3.0")
    updater = chair(rig, url)
    target = updater.get_targetinfo(ABOUT)
    assert target is not None
    custom = target.unrecognized_fields["custom"]
    assert custom["firmware"]["version"] == "1.3.0" and len(custom["firmware"]["sha256"]) == 64
    got = rig.folder / "got"
    got.mkdir()
    for name in custom["files"]:
        (got / name).write_bytes(fetch(updater, release_path("0.2.0") + name))
    assert Bundle.open(got, None).about.version == "0.2.0"
    assert rig.repository().releases() == ["0.2.0"]


def test_what_is_no_longer_what_was_signed_is_refused(rig: RepositoryRig, url: str) -> None:
    rig.publish("0.2.0")
    file = rig.file("release.json")
    damage(file.parent, file.name)
    with pytest.raises(LengthOrHashMismatchError):
        fetch(chair(rig, url), ABOUT)


def test_a_chair_is_told_when_nobody_signs_any_more(rig: RepositoryRig, url: str) -> None:
    rig.now -= timedelta(days=4)
    rig.publish("0.2.0")
    with pytest.raises(ExpiredMetadataError):
        chair(rig, url).refresh()
    rig.now += timedelta(days=4)
    rig.repository().refresh()
    chair(rig, url).refresh()


def test_what_is_older_than_what_a_chair_has_seen_is_refused(rig: RepositoryRig, url: str) -> None:
    before = rig.folder / "before"
    shutil.copytree(rig.served, before)
    rig.publish("0.2.0")
    chair(rig, url).refresh()
    shutil.copy(before / "metadata/timestamp.json", rig.served / "metadata/timestamp.json")
    with pytest.raises(BadVersionNumberError):
        chair(rig, url).refresh()


def test_another_s_repository_is_refused(rig: RepositoryRig, tmp_path: Path) -> None:
    other = RepositoryRig(tmp_path / "other")
    other.publish("9.9.9")
    with serving(other.served) as theirs, pytest.raises(UnsignedMetadataError):
        chair(rig, theirs).refresh()


def test_the_centre_s_key_adds_no_release_and_says_nothing_but_the_rollout(
    rig: RepositoryRig, url: str
) -> None:
    rig.publish("0.2.0")
    centre = rig.folder / "centre"
    centre.mkdir()
    shutil.copy(rig.keys / "online.pem", centre)
    rig.repository(centre).set_rollout(b'{"release": "0.2.0"}')
    assert fetch(chair(rig, url), "rollout.json") == b'{"release": "0.2.0"}'
    assert rig.repository(centre).rollout() == b'{"release": "0.2.0"}'
    bundle = Bundle.open(make_release(rig.folder / "bad", "0.3.0"), None)
    with pytest.raises(InputError, match=r"not the repository's own; nothing was signed"):
        publish_bundle(rig.repository(centre), bundle)
    with rig.repository(centre).edit_targets("rollout") as targets:
        targets.targets[release_path("0.3.0") + "release.json"] = targets.targets["rollout.json"]
    rig.repository(centre).refresh()
    assert chair(rig, url).get_targetinfo(release_path("0.3.0") + "release.json") is None


def test_another_key_signs_nothing_and_nothing_published_is_changed(rig: RepositoryRig) -> None:
    rig.publish("0.2.0")
    wrong = rig.folder / "wrong"
    make_keys(wrong)
    for attempt in (FleetRepository.refresh, lambda there: there.rotate(wrong)):
        rig.now += GOOD_FOR["timestamp"]
        with pytest.raises(InputError, match=r"nothing was signed"):
            attempt(rig.repository(wrong))
    with pytest.raises(InputError, match=r"what was published is never changed"):
        publish_bundle(rig.repository(), Bundle.open(rig.folder / "release-0.2.0", None))
    with pytest.raises(InputError, match=r"is there: name another folder"):
        make_keys(rig.keys)
    with pytest.raises(InputError, match=r"root\.pem: cannot be used"):
        rig.repository(rig.folder).rotate(rig.folder)


def test_a_chair_follows_to_other_keys_and_the_old_ones_are_worth_nothing(
    rig: RepositoryRig, url: str
) -> None:
    rig.publish("0.2.0")
    chair(rig, url).refresh()
    new = rig.folder / "new"
    make_keys(new)
    rig.repository(rig.keys, new).rotate(new)
    assert fetch(chair(rig, url), ABOUT)
    bundle = Bundle.open(make_release(rig.folder / "next", "0.3.0"), None)
    with pytest.raises(InputError, match=r"nothing was signed"):
        publish_bundle(rig.repository(rig.keys), bundle)
    publish_bundle(rig.repository(new), bundle)
    rig.repository(new).refresh()
    assert fetch(chair(rig, url), release_path("0.3.0") + "release.json")


def calmloop(*words: object) -> Result:
    given = ["fleet", "repository", *map(str, words)]
    return CliRunner().invoke(app, given, env={"COLUMNS": "300"})


def test_the_commands(tmp_path: Path) -> None:
    keys, served, new = tmp_path / "keys", tmp_path / "served", tmp_path / "new"
    done = calmloop("init", served, "--keys", keys)
    assert done.exit_code == 0 and "1.root.json" in done.output, done.output
    assert (keys / "root.pem").stat().st_mode & 0o777 == 0o600
    release = make_release(tmp_path / "release", "0.2.0")
    done = calmloop("publish", release, served, "--keys", keys)
    assert done.exit_code == 0 and "0.2.0 (" in done.output, done.output
    done = calmloop("rotate", served, "--keys", keys, "--new", new)
    assert done.exit_code == 0, done.output
    assert calmloop("refresh", served, "--keys", new).exit_code == 0
    root = (served / "metadata/1.root.json").read_bytes()
    with serving(served) as url:
        assert client(url, root, tmp_path / "chair").get_targetinfo(ABOUT) is not None
    done = calmloop("publish", release, served, "--keys", keys)
    assert (done.exit_code, "never changed" in done.output) == (2, True)
