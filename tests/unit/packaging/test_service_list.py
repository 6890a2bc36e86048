"""The one list of services: what is made from it is up to date, and nonsense is refused."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from calmloop.base.priority import FIRST
from calmloop.contract.topic import ALONE
from calmloop.contract.topics import SERVICES, Account
from tests.services import LISTING, REPOSITORY
from tools.service_list import files
from tools.service_list.listing import LIST

COUNTED = re.compile(
    r"\b(?:four|five|six|seven|eight|nine|ten|eleven|twelve) (?:\w+ )?"
    r"(?:services|stages|images|accounts|containers|Dockerfiles)\b"
)
PROSE = ("*.md", "*.py", "*.yaml", "*.hcl", "*.sh")
FOLDERS = (
    "docs", "shared", "services", "firmware-bridge", "compose", "tools", "requirements",
)  # fmt: skip
NEW = """
[services.room-light]
purpose = "Says how bright the room is"
uid = 10042
"""


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The list, and all that is made from it."""
    named = [str(LIST), *files.made(REPOSITORY, LISTING)]
    named += [str(path.relative_to(REPOSITORY)) for path in REPOSITORY.glob("*/*/pyproject.toml")]
    pages = REPOSITORY.glob("services/*/page/package.json")
    named += [str(path.relative_to(REPOSITORY)) for path in pages]
    for name in dict.fromkeys([*named, "shared/pyproject.toml", "firmware-bridge/pyproject.toml"]):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(REPOSITORY / name, tmp_path / name)
    return tmp_path


def run(command: str, root: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tools.service_list", command],
        cwd=root,
        env={"PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        text=True,
        check=False,
    )


def add(root: Path, entry: str = NEW, needs: str = '"calmloop-shared"') -> None:
    with (root / LIST).open("a") as file:
        file.write(entry)
    project = root / "services/room-light/pyproject.toml"
    project.parent.mkdir(exist_ok=True)
    project.write_text(f"[project]\nname = 'x'\ndependencies = [{needs}]\n")


def test_what_is_made_from_the_list_is_up_to_date(copy: Path) -> None:
    assert (run("check", copy).returncode, run("write", copy).stdout) == (0, "")


def test_a_new_service_is_written_everywhere_and_only_by_the_command_that_is_named(
    copy: Path,
) -> None:
    add(copy)
    package = copy / "services/room-light/src/calmloop/room_light"
    package.mkdir(parents=True)
    mark = str((package / "py.typed").relative_to(copy))
    lists = [name for name in files.made(REPOSITORY, LISTING) if not name.endswith("py.typed")]
    told = run("check", copy)
    assert told.returncode == 1
    for name in (*lists, mark):
        assert f"{name}: is not what {LIST} says: run `make services`" in told.stderr
    assert run("write", copy).returncode == 0
    assert run("check", copy).returncode == 0
    assert (copy / mark).is_file()
    for name in lists:
        assert "room" in (copy / name).read_text(), name
    assert "  room-light: *room-light\n" in (copy / files.COMPOSE).read_text()
    assert "room-light services/room-light\n" in run("locks", copy).stdout


def test_a_profile_a_volume_and_another_s_lock_are_one_line_each(copy: Path) -> None:
    more = 'profile = "light"\nwrites = "room-log"\nlocks = ["camera"]\n'
    add(copy, NEW + more)
    run("write", copy)
    compose = (copy / files.COMPOSE).read_text()
    assert "profiles: [light]" in compose
    assert "  room-log: {}\n" in compose
    assert '"room-log:/var/lib/calmloop"' in compose
    assert "args: {SERVICE: room-light, LOCK: camera}" in compose
    assert "room-light" not in run("locks", copy).stdout


def test_a_package_of_debian_is_named_once_and_goes_into_each_build(copy: Path) -> None:
    add(copy, NEW + 'packages = ["libportaudio2", "libusb-1.0-0"]\n')
    named = (copy / LIST).read_text()
    for wrong in ("libusb.", "lib..usb", ".libusb", "-libusb", "libusb 1", "libusb;ls", "$(ls)"):
        (copy / LIST).write_text(named.replace("libusb-1.0-0", wrong))
        refused = run("write", copy)
        assert f"room-light: '{wrong}': small letters" in refused.stderr
    (copy / LIST).write_text(named)
    assert run("write", copy).returncode == 0
    compose, bake = (
        (copy / files.COMPOSE).read_text(),
        (copy / "compose/docker-bake.hcl").read_text(),
    )
    assert "args: {SERVICE: room-light, PACKAGES: libportaudio2 libusb-1.0-0}" in compose
    assert 'args = { SERVICE = "room-light", PACKAGES = "libportaudio2 libusb-1.0-0" }' in bake


def test_pages_that_a_service_has_are_built_into_its_image_alone(copy: Path) -> None:
    add(copy)
    page = copy / "services/room-light/page/package.json"
    page.parent.mkdir()
    page.write_text("{}")
    run("write", copy)
    stages = (copy / "services/Dockerfile").read_text().split("\nFROM run AS service..")
    copies = {stage.split()[0] for stage in stages if "COPY --from=pages" in stage}
    assert copies == {"room-light", "caregiver-console"}


def test_a_block_that_is_written_by_hand_stays_the_only_one(copy: Path) -> None:
    add(copy)
    compose = copy / files.COMPOSE
    by_hand = "services:\n  room-light:\n    <<: *room-light\n"
    compose.write_text(compose.read_text().replace("\nservices:\n", f"\n{by_hand}", 1))
    run("write", copy)
    assert compose.read_text().count("\n  room-light:") == 1


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (("10042", "10001"), "room-light: uid 10001 is that of camera already"),
        (("10042", "1000"), "uid = 1000: 10001 to 59999"),
        (("10042", '"10042"'), "uid = '10042': takes a number"),
        (("uid = 10042\n", ""), "uid is missing"),
        (("uid", "gid"), "unknown key gid: known are alone, locks, packages, profile, purpose"),
        (("10042", "10042\nwrites = 'Room log'"), "room-light: 'Room log': small letters"),
        (("Says", "Says | how"), "one line of 80 characters at most"),
        (("services.room-light", "services.Room_Light"), "Room_Light"),
        (("services.room-light", "services.monitor"), "services/monitor/pyproject.toml is not"),
        (("[services", "[[services"), "not valid TOML"),
        (("[services.room-light]", "[[people.room-light]]"), "people.room-light: a table"),
    ],
)
def test_an_entry_that_cannot_be_meant_is_refused(
    copy: Path, change: tuple[str, str], why: str
) -> None:
    add(copy, NEW.replace(*change))
    told = run("write", copy)
    assert told.returncode == 2
    assert why in told.stderr
    assert "Traceback" not in told.stderr
    assert not files.differing(copy, files.made(copy, LISTING))


def test_no_service_is_made_of_another(copy: Path) -> None:
    add(copy, needs='"calmloop-camera"')
    told = run("check", copy)
    assert told.returncode == 2
    assert "calmloop-camera" in told.stderr
    assert "never of another service" in told.stderr


def test_a_mark_that_is_gone_is_missed(copy: Path) -> None:
    page = copy / "README.md"
    page.write_text(page.read_text().replace(files.END_OF, "no end of"))
    told = run("write", copy)
    assert told.returncode == 2
    assert "README.md: the marks" in told.stderr


def test_the_list_says_what_the_runtime_and_the_watchdog_go_by() -> None:
    by_name = {service.name: service for service in LISTING.services}
    assert set(by_name) == {account.value for account in SERVICES}
    assert {name for name, service in by_name.items() if service.alone} == ALONE
    assert {name for name, service in by_name.items() if service.real_time} == FIRST
    assert set(LISTING.people) == set(Account) - SERVICES


def test_prose_never_counts_services() -> None:
    pages = [REPOSITORY / "README.md", REPOSITORY / "Makefile"]
    pages += [
        page for folder in FOLDERS for kind in PROSE for page in (REPOSITORY / folder).rglob(kind)
    ]
    counted = {
        f"{page.relative_to(REPOSITORY)}: {found}"
        for page in pages
        for found in COUNTED.findall(page.read_text())
    }
    assert not counted
