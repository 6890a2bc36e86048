"""A real, private Mosquitto for tests: the very one that `calmloop demo` starts."""

from calmloop.demo.broker import Broker

__all__ = ["Broker"]
