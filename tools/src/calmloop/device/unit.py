"""The systemd units: one starts the deployment with the device, one follows the fleet."""

from pathlib import Path

from calmloop.base.whole_files import write_text
from calmloop.device.machine import Machine

NAME = "calmloop.service"
PLACE = f"/etc/systemd/system/{NAME}"
UNIT = """\
# Written by `calmloop device install`.
[Unit]
Description=Calmloop: the services of the chair
Requires=docker.service
After=docker.service

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart="{program}" device start --home "{home}"
TimeoutStartSec=20min

[Install]
WantedBy=multi-user.target
"""
FOLLOW = "calmloop-follow"
FOLLOW_UNIT = """\
# Written by `calmloop device follow`.
[Unit]
Description=Calmloop: takes the release that the fleet is to have
Wants=network-online.target
After=network-online.target calmloop.service

[Service]
Type=oneshot
ExecStart="{program}" device follow --home "{home}"
TimeoutStartSec=2h
"""
FOLLOW_TIMER = """\
# Written by `calmloop device follow`.
[Unit]
Description=Calmloop: follows the fleet, at another time on each device

[Timer]
OnBootSec=10min
OnUnitInactiveSec=15min
RandomizedDelaySec=5min

[Install]
WantedBy=timers.target
"""


def enable_unit(machine: Machine, program: Path, home: Path) -> str:
    """Has systemd start the deployment from now on; returns why it does not, or nothing.

    Args:
        machine: With systemd on it.
        program: `calmloop`.
        home: The folder that the device has for Calmloop.

    Raises:
        OutputError: the unit cannot be written.
    """
    write_text(machine.below(PLACE), UNIT.format(program=program, home=home))
    return _enable(machine, NAME)


def enable_following(machine: Machine, program: Path, home: Path) -> str:
    """Has systemd follow the fleet all quarters of an hour; returns why it does not, or nothing.

    Args:
        machine: With systemd on it.
        program: `calmloop`.
        home: The folder that the device has for Calmloop.

    Raises:
        OutputError: a unit cannot be written.
    """
    folder = machine.below(PLACE).parent
    write_text(folder / f"{FOLLOW}.service", FOLLOW_UNIT.format(program=program, home=home))
    write_text(folder / f"{FOLLOW}.timer", FOLLOW_TIMER)
    return _enable(machine, "--now", f"{FOLLOW}.timer")


def _enable(machine: Machine, *words: str) -> str:
    for command in (["systemctl", "daemon-reload"], ["systemctl", "enable", "--quiet", *words]):
        done = machine.run(command)
        if done.status != 0:
            return f"{' '.join(command)}: {done.said[-300:]}"
    return ""
