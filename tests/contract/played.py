"""The services around the one under test, played in a thread of the test's own."""

from tests.broker import Broker
from tests.processes import Client
from tests.repeated import Repeated


class Played(Repeated):
    """Plays one step ten times a second, for as long as the context is open."""

    def __init__(self, broker: Broker) -> None:
        super().__init__()
        self.client = Client(broker)

    def __exit__(self, *_: object) -> None:
        super().__exit__()
        self.client.__exit__(None, None, None)
