"""`make setup` installs mosquitto without its service, with stand-ins for Debian's tools."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[3] / "tools" / "apt_install.sh"

# What mosquitto's postinst does: it asks the policy, with the unit's name and with the script's.
APT_GET = """#!/bin/sh
echo "apt-get $*" >>"$LOG"
[ "$1" = install ] || exit 0
for name in mosquitto.service mosquitto ssh; do
    if [ ! -e "$POLICY_RC_D" ] || "$POLICY_RC_D" "$name" start; then
        echo "started $name" >>"$LOG"
    fi
done
exit "${APT_STATUS:-0}"
"""
SYSTEMCTL = '#!/bin/sh\necho "systemctl $*" >>"$LOG"\nexit "${SYSTEMCTL_STATUS:-0}"\n'
UPDATE_RC_D = '#!/bin/sh\necho "update-rc.d $*" >>"$LOG"\n'
DPKG_QUERY = '#!/bin/sh\n[ -n "$KNOWN" ] && printf %s "$KNOWN"\n'


@dataclass
class Debian:
    """A folder of stand-ins, alone on the PATH beside the shell's own tools."""

    folder: Path

    def __post_init__(self) -> None:
        self.tool("apt-get", APT_GET)
        self.tool("systemctl", SYSTEMCTL)
        self.tool("dpkg-query", DPKG_QUERY)
        for name in ("sh", "rm", "chmod"):
            (self.folder / name).symlink_to(f"/bin/{name}")

    @property
    def policy(self) -> Path:
        return self.folder / "policy-rc.d"

    def tool(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text)
        (self.folder / name).chmod(0o755)

    def install(self, *packages: str, **environment: str) -> subprocess.CompletedProcess[str]:
        log = str(self.folder / "log")
        own = {"PATH": str(self.folder), "LOG": log, "POLICY_RC_D": str(self.policy), "KNOWN": ""}
        return subprocess.run(
            [SCRIPT, *packages],
            check=False,
            env={**own, **environment},
            capture_output=True,
            text=True,
            timeout=30,
        )

    @property
    def log(self) -> list[str]:
        return (self.folder / "log").read_text().splitlines()


@pytest.fixture
def debian(tmp_path: Path) -> Debian:
    return Debian(tmp_path)


def test_a_new_mosquitto_is_neither_started_nor_enabled(debian: Debian) -> None:
    done = debian.install("gcc", "mosquitto")

    assert done.returncode == 0
    assert [line for line in debian.log if line.startswith("started")] == ["started ssh"]
    assert debian.log[-1] == "systemctl disable mosquitto"
    assert not debian.policy.exists()
    assert len(done.stdout.splitlines()) == 1
    assert "port 1883 stays free" in done.stdout


def test_without_systemd_its_init_script_is_disabled(debian: Debian) -> None:
    (debian.folder / "systemctl").unlink()
    debian.tool("update-rc.d", UPDATE_RC_D)

    assert debian.install("mosquitto").returncode == 0
    assert debian.log[-1] == "update-rc.d mosquitto disable"


def test_a_mosquitto_that_was_there_is_left_alone(debian: Debian) -> None:
    done = debian.install("mosquitto", KNOWN="installed")

    assert "started mosquitto.service" in debian.log
    assert not any(line.startswith("systemctl") for line in debian.log)
    assert done.stdout == ""


def test_one_that_was_removed_before_counts_as_new(debian: Debian) -> None:
    debian.install("mosquitto", KNOWN="config-files")

    assert debian.log[-1] == "systemctl disable mosquitto"


def test_other_packages_touch_no_service(debian: Debian) -> None:
    debian.install("gcc", "libc6-dev")

    assert "started mosquitto" in debian.log
    assert not any(line.startswith("systemctl") for line in debian.log)


def test_the_machine_s_own_policy_stays_and_what_it_let_start_is_stopped(debian: Debian) -> None:
    own = "#!/bin/sh\nexit 0\n"
    debian.tool("policy-rc.d", own)

    debian.install("mosquitto")

    assert debian.policy.read_text() == own
    assert debian.log[-2:] == ["systemctl stop mosquitto", "systemctl disable mosquitto"]


def test_an_installation_that_fails_leaves_neither_policy_nor_service(debian: Debian) -> None:
    done = debian.install("mosquitto", APT_STATUS="100")

    assert done.returncode == 100
    assert not debian.policy.exists()
    assert debian.log[-1] == "systemctl disable mosquitto"


def test_a_service_that_cannot_be_disabled_is_told_with_the_next_step(debian: Debian) -> None:
    done = debian.install("mosquitto", SYSTEMCTL_STATUS="1")

    assert "sudo systemctl disable --now mosquitto" in done.stderr


def test_setup_installs_by_it_alone() -> None:
    assert os.access(SCRIPT, os.X_OK)
    setup = SCRIPT.with_name("setup.sh").read_text()
    assert "$as_root tools/apt_install.sh $missing" in setup
    assert "apt-get install -y" not in setup
