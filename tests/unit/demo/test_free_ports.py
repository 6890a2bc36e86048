"""Whoever asks for a port gets one that nobody else was given, though neither listens yet."""

import subprocess
import sys

import pytest

from calmloop.demo import broker

MANY = """
from calmloop.demo.broker import free_port
print(*(free_port() for _ in range(20)), flush=True)
input()
"""


def test_no_port_is_given_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(broker, "BELOW_EPHEMERAL", range(31_000, 31_040))
    ports = [broker.free_port() for _ in range(30)]
    assert len(set(ports)) == 30


def test_another_process_is_given_others_until_the_first_one_ends(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", MANY], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        theirs = [int(port) for port in other.stdout.readline().split()]
        ours = broker.free_port()
        monkeypatch.setattr(broker, "BELOW_EPHEMERAL", [*theirs, ours - 1, ours + 1])
        assert broker.free_port() not in theirs
        other.communicate("\n")
    monkeypatch.setattr(broker, "BELOW_EPHEMERAL", theirs)
    assert broker.free_port() in theirs


def test_of_many_claims_the_oldest_are_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    first = broker.free_port()
    for _ in range(broker.MAX_CLAIMS):
        broker.free_port()
    monkeypatch.setattr(broker, "BELOW_EPHEMERAL", [first])
    assert broker.free_port() == first
