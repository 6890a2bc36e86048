"""Programs for 64-bit ARM by QEMU, in the root of `tools/arm64.sh`, from this checkout's source."""

import os
import subprocess
from importlib.metadata import version
from pathlib import Path

from calmloop.demo.children import start_child
from tests.arm64.alone import INSTANCE, REPOSITORY
from tests.broker import Broker
from tests.processes import CHAIR, ServiceProcess, clean_environment

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
ROOT = CACHE / "calmloop/arm64"
QEMU = "usr/bin/qemu-aarch64-static"
SOURCES = ("shared", "firmware-bridge", "compose/init", "compose/fleet", "services/*")
ENTER = """
for kind in proc dev; do mount --rbind /$kind "$1/$kind"; done
mount --bind "$2" "$1/repository"
mount --bind "$3" "$1/tmp"
cd /
shift 3
exec chroot "$@"
"""
"""In a mount namespace of its own, so that nothing of it is left. The folder is its /tmp."""


def command(folder: Path, *arguments: str) -> list[str]:
    """A command line that becomes ARM's Python, with these arguments."""
    python = (f"{ROOT}", f"/{QEMU}", "/usr/bin/python3", "-B")
    mounts = (f"{ROOT}", f"{REPOSITORY}", f"{folder}")
    return ["unshare", "--mount", "sh", "-euc", ENTER, "sh", *mounts, *python, *arguments]


def environment(lock: str, **settings: str) -> dict[str, str]:
    """What the lock names and our own source, and settings without their CALMLOOP_ prefix."""
    paths = [path / "src" for pattern in SOURCES for path in sorted(REPOSITORY.glob(pattern))]
    inside = [f"/repository/{path.relative_to(REPOSITORY)}" for path in paths if path.is_dir()]
    named = {f"CALMLOOP_{key}": value for key, value in settings.items()}
    searched = ":".join([f"/opt/{lock}", "/tmp", *inside])
    return clean_environment(PYTHONPATH=searched, HOME="/tmp", **named)


def said(lock: str, folder: Path, *arguments: str, given: bytes = b"") -> str:
    """What ARM's Python says with these arguments; it has to end with 0."""
    answer = subprocess.run(
        command(folder, *arguments),
        env=environment(lock),
        input=given,
        capture_output=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr.decode()[-2000:]
    return answer.stdout.decode()


def _describe(distribution: str, folder: Path) -> None:
    """Says its version there, where an installation would: home-assistant asks for its own."""
    number = version(distribution)
    described = folder / f"{distribution.replace('-', '_')}-{number}.dist-info"
    described.mkdir()
    lines = ("Metadata-Version: 2.1", f"Name: {distribution}", f"Version: {number}", "")
    (described / "METADATA").write_text("\n".join(lines))


def started(
    service: str, lock: str, broker: Broker, folder: Path, **settings: str
) -> ServiceProcess:
    """The service at a test's broker; `folder` is its /tmp."""
    own = {
        "MQTT__PORT": str(broker.port),
        "INSTANCE": INSTANCE,
        "CHAIR_ID": CHAIR,
        "HEALTH_FILE": "/tmp/alive",
    }
    _describe(f"calmloop-{service}", folder)
    log = folder / f"{service}.log"
    module = f"calmloop.{service.replace('-', '_')}"
    env = environment(lock, **own, **settings)
    child = start_child(command(folder, "-m", module), log=log, env=env)
    return ServiceProcess(child, log, INSTANCE)
