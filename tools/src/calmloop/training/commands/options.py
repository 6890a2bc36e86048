"""What the commands of a run have in common: their options, and what Keras computes with."""

import os
from enum import StrEnum
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from calmloop.base.errors import CalmloopError

DataOption = Annotated[
    Path,
    typer.Option(help="Folder with faces: fer2013.csv, train/<emotion>/ or another layout."),
]


class KerasBackend(StrEnum):
    """What Keras computes with; PyTorch takes half of TensorFlow's time on a CPU."""

    TORCH = "torch"
    TENSORFLOW = "tensorflow"
    JAX = "jax"


BackendOption = Annotated[
    KerasBackend | None, typer.Option(help="What computes; PyTorch where it is installed.")
]


CORES = os.cpu_count() or 1
ThreadsOption = Annotated[
    int, typer.Option(min=1, show_default="all", help="CPU threads; fewer on a busy machine.")
]


def choose_backend(asked: KerasBackend | None, threads: int) -> KerasBackend:
    """Sets what Keras computes with; to be called before it is imported, since it reads that once.

    Raises:
        typer.Exit: a package that is needed is not installed; it was told.
    """
    backend = asked or (KerasBackend.TORCH if find_spec("torch") else KerasBackend.TENSORFLOW)
    missing = [name for name in ("keras", backend.value, "matplotlib") if find_spec(name) is None]
    if missing:
        text = f"no package {', '.join(missing)} here: `make training` makes an environment with"
        typer.echo(f"{text} what training needs, .venv-train", err=True)
        raise typer.Exit(2)
    os.environ["KERAS_BACKEND"] = backend.value
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    for pool in ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"):
        os.environ[pool] = str(threads)
    return backend


def refusal(error: CalmloopError) -> typer.Exit:
    """Says why a command cannot be carried out; to be raised, it ends it with exit code 2."""
    typer.echo(str(error), err=True)
    return typer.Exit(2)
