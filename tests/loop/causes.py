"""What ends a session at once, and what a supervisor does about it; no person acts."""

import signal
import time
from collections.abc import Callable
from dataclasses import dataclass

from calmloop.contract.topics import Account
from calmloop.demo.run import Demo
from calmloop.emulator import ControlClient


def _nothing(_demo: Demo) -> None:
    pass


@dataclass(frozen=True)
class Cause:
    """What is done, and what is done about it then."""

    act: Callable[[Demo], None]
    recover: Callable[[Demo], None] = _nothing


def _stop_with(payload: bytes) -> Cause:
    return Cause(lambda demo: demo.observer.bus.publish_stop(payload))


def _tap_the_childs_button(demo: Demo) -> None:
    """15 ms, between two STATUS for the most part."""
    with ControlClient(demo.stack.chair.control) as hands:
        hands.command("child press")
        time.sleep(0.015)
        hands.command("child release")


def _send_broker(number: signal.Signals, recover: Callable[[Demo], None]) -> Cause:
    return Cause(lambda demo: demo.stack.broker.signal(number), recover)


def _start_broker_again(demo: Demo) -> None:
    demo.stack.broker.stop()
    demo.stack.broker.start()


def _send(account: Account, number: signal.Signals) -> Cause:
    return Cause(
        lambda demo: demo.stack.signal(account, number),
        lambda demo: demo.stack.signal(account, signal.SIGCONT),
    )


BY_PEOPLE_OR_BROKER = {
    "a stop": _stop_with(b"caregiver"),
    "a stop with an empty payload": _stop_with(b""),
    "a tap of the child's button": Cause(_tap_the_childs_button),
    "SIGSTOP of the broker": _send_broker(
        signal.SIGSTOP, lambda demo: demo.stack.broker.signal(signal.SIGCONT)
    ),
    "SIGKILL of the broker": _send_broker(signal.SIGKILL, _start_broker_again),
}
BY_SERVICES = {
    f"{number.name} of {account}": _send(account, number)
    for account in (Account.ACTUATOR_BRIDGE, Account.SAFETY_WATCHDOG, Account.SCENARIO_SELECTOR)
    for number in (signal.SIGKILL, signal.SIGSTOP)
}
