"""Topics at the centre of a fleet: one up and one down for each chair, and nothing else.

They are on no chair's bus. A chair is known by its certificate; the centre's broker lets it use its
own two alone.
"""

QUEUE = "fleet-ingest"
"""What is up, until a worker has stored it."""


def up_topic(chair: str) -> str:
    """Where a chair sends batches."""
    return f"fleet/{chair}/up"


def ack_topic(chair: str) -> str:
    """Where a chair hears what the centre holds."""
    return f"fleet/{chair}/ack"


def routing_key(topic: str) -> str:
    """The same topic in AMQP, as RabbitMQ maps it; `*` stands for any chair."""
    return topic.replace("/", ".")


def chair_of(key: str) -> str:
    """The chair of a routing key of `up_topic`."""
    return key.split(".")[1]
