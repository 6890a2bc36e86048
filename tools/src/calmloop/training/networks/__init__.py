"""The networks that can be trained, by name; each lives in a module of its own with ``build``."""

from importlib import import_module
from typing import TYPE_CHECKING

from calmloop.errors import CalmloopError

if TYPE_CHECKING:
    import keras

NETWORKS: tuple[str, ...] = (
    "calm",
    "cnn2",
    "cnn8",
    "csam",
    "ghost",
    "resnet50",
    "vgg16",
)
"""A new network is one module beside this one with ``build(side_px, classes)``, named here."""


class UnknownNetworkError(CalmloopError):
    """No network has that name; the message lists those that exist."""


def build_network(name: str, side_px: int, classes: int) -> "keras.Model":
    """A fresh Keras model: input (N, side, side, 1) in -1 to 1, output logits (N, classes).

    Raises UnknownNetworkError for a name that is not in NETWORKS.
    """
    if name not in NETWORKS:
        raise UnknownNetworkError(
            f"no network is called {name!r}; there are: {', '.join(NETWORKS)}"
        )
    model: keras.Model = import_module(f"{__name__}.{name}").build(side_px, classes)
    return model
