"""A real, private Mosquitto for tests: the very one that `calmloop demo` starts, and its ports."""

from calmloop.demo.broker import Broker, free_port

__all__ = ["Broker", "free_port", "free_ports"]


def free_ports(count: int) -> list[int]:
    """So many different ports that no connection is given as its own meanwhile."""
    return [free_port() for _ in range(count)]
