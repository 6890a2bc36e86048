"""Camera, chair, sound: what is plugged in, looked at without opening it.

A camera that films and a chair that a child sits in are not disturbed: opening a serial port may
reset the board behind it.
"""

import grp
import stat
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from calmloop.camera import SIMULATED
from calmloop.chair_link.errors import PortError
from calmloop.chair_link.port import resolve
from calmloop.device.deployment import Deployment
from calmloop.device.finding import DeviceFinding
from calmloop.device.machine import Machine, why_not_reached

SOURCE = "CALMLOOP_CAMERA__SOURCE"
PORT = "CALMLOOP_ACTUATOR_BRIDGE__PORT"
HOST = "host.docker.internal"
"""How a container calls this machine."""
PORTS = {"rtsp": 554, "rtsps": 322, "http": 80, "https": 443}
"""Where a stream is that names no port."""
READ_WRITE = 0o060
IGNORED = "ID_MM_DEVICE_IGNORE"
SOUND_NODES = {"sound": ("p", "output"), "voice": ("c", "microphone")}
"""By profile: the letter with which ALSA's nodes of that direction end, and what it is."""
CAMERA_TODO = "plug it in, or name another in .env: `ls /dev/v4l/by-id` has names that stay"


def check_camera(machine: Machine, deployment: Deployment) -> Iterator[DeviceFinding]:
    """Is the camera there, and may its container open it?"""
    source = deployment.values.get(SOURCE, "")
    if not deployment.has_devices or source == SIMULATED:
        yield DeviceFinding.unused("camera", "simulated")
    elif "://" in source:
        yield _stream(source)
    else:
        path = f"/dev/video{source}" if source.isdecimal() else source
        if path.startswith("/dev/"):
            yield _node(machine, deployment, "camera", path, "VIDEO_GID", CAMERA_TODO)
        else:
            yield DeviceFinding.warning(
                "camera", f"{path} is no camera", f"{SOURCE} in .env names what films the child"
            )


def _stream(source: str) -> DeviceFinding:
    try:
        parts = urlsplit(source)
        host, port = parts.hostname, parts.port or PORTS.get(parts.scheme)
    except ValueError:
        host, port = None, None
    if host is None or port is None:
        return DeviceFinding.wrong(
            "camera",
            "its address is not understood (not shown, it may hold a password)",
            f"write {SOURCE} in .env as scheme://host:port/path",
        )
    error = why_not_reached("127.0.0.1" if host == HOST else host, port)
    if error is None:
        return DeviceFinding.good("camera", f"{host}:{port} answers")
    return DeviceFinding.wrong(
        "camera",
        f"{host}:{port} does not answer ({error.strerror or error})",
        "switch the camera on, or start the host's streamer (services/camera/README.md)",
    )


def check_serial(machine: Machine, deployment: Deployment) -> Iterator[DeviceFinding]:
    """Is the chair's port there, may its container open it, and does nobody else take it?"""
    address = deployment.values.get(PORT, "")
    if not deployment.has_devices:
        yield DeviceFinding.unused("serial port", "the chair is simulated")
        return
    if "://" in address:
        yield DeviceFinding.unused("serial port", f"the chair is reached by {address}")
        return
    try:
        name = resolve(address, comports=machine.comports)
    except PortError as error:
        yield DeviceFinding.wrong("serial port", str(error), "`ls -l /dev/serial/by-id` lists them")
        return
    todo = "plug the chair in, or name its port in .env"
    yield _node(machine, deployment, "serial port", name, "DIALOUT_GID", todo)
    if _modem_manager(machine):
        yield DeviceFinding.warning(
            "serial port",
            "ModemManager runs, and takes each new port for a modem for a while",
            "have it leave the chair alone: the rule in services/actuator-bridge/README.md",
        )


def _modem_manager(machine: Machine) -> bool:
    running = any(
        _said(path).strip() == "ModemManager" for path in machine.root.glob("proc/[0-9]*/comm")
    )
    rules = machine.root.glob("etc/udev/rules.d/*.rules")
    return running and not any(IGNORED in _said(path) for path in rules)


def _said(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def check_sound(machine: Machine, deployment: Deployment) -> Iterator[DeviceFinding]:
    """Is there what sounds, and what listens?"""
    for profile, (letter, what) in SOUND_NODES.items():
        if not deployment.has(profile):
            yield DeviceFinding.unused(what, f"the profile '{profile}' is not chosen")
            continue
        nodes = sorted(machine.below("/dev/snd").glob(f"pcmC*D*{letter}"))
        if not nodes:
            yield DeviceFinding.wrong(
                what,
                f"no {what} is there at all",
                "plug it in; `aplay -l` and `arecord -l` list what the kernel knows",
            )
            continue
        path = "/" + str(nodes[0].relative_to(machine.root))
        yield _node(machine, deployment, what, path, "AUDIO_GID", "plug it in")


def _node(
    machine: Machine, deployment: Deployment, check: str, path: str, group: str, todo: str
) -> DeviceFinding:
    """A device that a container opens as a member of the group whose number `.env` has."""
    try:
        found = machine.below(path).stat()
    except OSError:
        return DeviceFinding.wrong(check, f"{path} is not there", todo)
    if not stat.S_ISCHR(found.st_mode):
        return DeviceFinding.wrong(
            check,
            f"{path} is no device but a file or folder, as Docker makes one for what is away",
            f"remove it, then {todo}",
        )
    wanted = deployment.number(group)
    open_to_all = (found.st_mode & READ_WRITE >> 3) == READ_WRITE >> 3
    if wanted != found.st_gid and not open_to_all:
        return DeviceFinding.wrong(
            check,
            f"{path} is of the group {_group(found.st_gid)}, and its container is in {wanted}",
            f"write {group}={found.st_gid} into .env, then `docker compose up -d`",
        )
    if found.st_mode & READ_WRITE != READ_WRITE and not open_to_all:
        return DeviceFinding.wrong(
            check,
            f"the group of {path} may not read and write it ({stat.filemode(found.st_mode)})",
            f'a udev rule with MODE="0660" for it, or `sudo chmod g+rw {path}` until it is'
            " plugged in again",
        )
    return DeviceFinding.good(check, f"{path} is there, and its container may open it")


def _group(number: int) -> str:
    try:
        return f"{number} ({grp.getgrgid(number).gr_name})"
    except KeyError:
        return str(number)
