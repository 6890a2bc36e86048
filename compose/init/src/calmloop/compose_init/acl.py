"""The broker's access list, derived from the topic registry: nothing in it is typed by hand."""

from calmloop.contract.topics import REGISTRY, Account, AnyTopic

PROBE = "broker-probe"
"""The broker container's health check: it may read the broker's own version and nothing else."""
PROBE_TOPIC = "$SYS/broker/version"

HEADER = "# Made from the topic registry at every start; changes made here are lost.\n"


def access_list(chair_id: str) -> str:
    """Mosquitto's acl_file: each account, and what it may read and write; all else is denied."""
    blocks = [_block(account, chair_id) for account in Account]
    return HEADER + "\n".join([*blocks, f"user {PROBE}\ntopic read {PROBE_TOPIC}\n"])


def _block(account: Account, chair_id: str) -> str:
    lines = [f"user {account}"]
    for topic in REGISTRY:
        if account in topic.readers:
            lines.append(f"topic read {topic.filter(chair_id)}")
        if account in topic.writers:
            lines.append(f"topic write {_own(topic, account, chair_id)}")
    return "\n".join(lines) + "\n"


def _own(topic: AnyTopic, account: Account, chair_id: str) -> str:
    """The topics that this account may write: under its own name where the topic holds one."""
    fields = dict.fromkeys(topic.placeholders, "+")
    if "service" in fields:
        fields["service"] = account.value
    return topic.name(chair_id, **fields)
