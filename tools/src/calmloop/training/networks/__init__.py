"""The networks that can be trained, by name; each is a module of its own with ``build``."""

from importlib import import_module
from typing import TYPE_CHECKING

from calmloop.base.errors import CalmloopError

if TYPE_CHECKING:
    import keras

NETWORKS: tuple[str, ...] = (
    "calm",
    "cnn2",
    "cnn8",
    "csam",
    "ghost",
    "lite0",
    "resnet50",
    "vgg16",
)
"""A new network is one module beside this one with ``build(side_px, classes)``, named here."""

VARIANTS: dict[str, tuple[str, dict[str, int]]] = {
    "csam-without-attention": ("csam", {"attention": False}),
    "csam-ehorm": ("csam", {"high_order": True}),
    "csam-refined": ("csam", {"refined": True}),
    "csam-ehorm-refined": ("csam", {"high_order": True, "refined": True}),
    "ghost-without-ghosts": ("ghost", {"ghosts": False}),
    "ghost-without-se": ("ghost", {"squeeze": False}),
    "ghost-without-scales": ("ghost", {"scales": False}),
    "lite0-trunk": ("lite0", {"stages": 5}),
    "lite0-trunk-at-64": ("lite0", {"stages": 5, "seen_px": 64}),
}
"""The same networks with an idea left out or added, to see what it brings, or smaller ones."""


class UnknownNetworkError(CalmloopError):
    """No network has that name; the message lists those that exist."""


def build_network(name: str, side_px: int, classes: int) -> "keras.Model":
    """A fresh Keras model: input (N, side, side, 1) in -1 to 1, output logits (N, classes).

    Raises:
        UnknownNetworkError: for a name that is in neither NETWORKS nor VARIANTS.
    """
    module, options = VARIANTS.get(name, (name, {}))
    if module not in NETWORKS:
        known = ", ".join((*NETWORKS, *VARIANTS))
        raise UnknownNetworkError(f"no network is called {name!r}; there are: {known}")
    model: keras.Model = import_module(f"{__name__}.{module}").build(side_px, classes, **options)
    return model
