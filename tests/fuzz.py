"""Random and mutated payloads for a topic, from a seeded generator."""

import json
import random
from collections.abc import Iterator
from typing import Any

from pydantic_core import PydanticUndefined

from calmloop.contract.topics import AnyTopic

WEIRD: list[Any] = [
    None,
    True,
    -1,
    0,
    2**63,
    1e308,
    float("nan"),
    "",
    "x" * 500,
    "\u0000",
    [],
    {},
    [1, [2, [3]]],
    "start",
    "more",
]


def mutated(topic: AnyTopic, rng: random.Random, count: int) -> Iterator[bytes]:
    """`count` payloads: noise, broken JSON, and bodies of the topic's own fields gone wrong."""
    fields = topic.model.model_fields
    for _ in range(count):
        kind = rng.randrange(4)
        if kind == 0:
            yield rng.randbytes(rng.randrange(200))
            continue
        body = {name: _value(info, rng) for name, info in fields.items() if rng.random() < 0.7}
        text = json.dumps(body).encode()
        if kind == 1 and text:
            position = rng.randrange(len(text))
            text = text[:position] + rng.randbytes(1) + text[position + 1 :]
        elif kind == 2:
            text = text[: rng.randrange(len(text) + 1)]
        yield text


def _value(info: Any, rng: random.Random) -> Any:
    default = info.get_default(call_default_factory=True)
    if rng.random() < 0.3 and default is not PydanticUndefined:
        return default if isinstance(default, (int, float, str, bool)) else str(default)
    return rng.choice(WEIRD)
