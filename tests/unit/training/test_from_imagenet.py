"""The weights of a PyTorch file become a network's own, or the file is refused; needs PyTorch."""

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

keras = pytest.importorskip("keras", reason="training has an environment of its own")
torch = pytest.importorskip("torch", reason="PyTorch is installed there by hand")

from calmloop.training.learn.from_imagenet import start_from_imagenet  # noqa: E402
from calmloop.training.learn.recipe import RecipeError  # noqa: E402
from calmloop.training.networks import build_network  # noqa: E402


def as_in_pytorch(model: Any) -> dict[str, Any]:
    """What a state dictionary of the same network over three colours holds."""
    state = {}
    for layer in model.layers:
        values = [np.asarray(v) for v in layer.get_weights()]
        if isinstance(layer, keras.layers.DepthwiseConv2D):
            state[f"{layer.name}.weight"] = values[0].transpose(2, 3, 0, 1)
        elif isinstance(layer, keras.layers.Conv2D):
            kernel = values[0].transpose(3, 2, 0, 1)
            shares = np.array([0.5, 0.3, 0.2]).reshape(1, 3, 1, 1)
            state[f"{layer.name}.weight"] = kernel * shares if kernel.shape[1] == 1 else kernel
        elif isinstance(layer, keras.layers.BatchNormalization):
            names = ("weight", "bias", "running_mean", "running_var")
            state |= {f"{layer.name}.{name}": v for name, v in zip(names, values, strict=True)}
            state[f"{layer.name}.num_batches_tracked"] = np.array(5)
    state["_fc.weight"], state["_fc.bias"] = np.ones((1000, 1280)), np.ones(1000)
    return {key: torch.tensor(value) for key, value in state.items()}


def answers(model: Any) -> Any:
    pictures = np.random.default_rng(0).uniform(-1, 1, (2, 48, 48, 1)).astype(np.float32)
    features = keras.Model(model.input, model.get_layer("logits").input)
    return np.asarray(keras.ops.convert_to_numpy(features(pictures, training=False)))


def test_all_but_the_last_layer_are_taken_and_a_gray_picture_is_seen_alike(tmp_path: Path) -> None:
    keras.mixed_precision.set_dtype_policy("float32")
    parent, child = (build_network("lite0", 48, 7) for _ in range(2))
    for variable in parent.weights:
        if "moving" in variable.path or "gamma" in variable.path or "beta" in variable.path:
            variable.assign(np.random.default_rng(1).uniform(0.5, 1.5, variable.shape))
    torch.save(as_in_pytorch(parent), tmp_path / "w.pth")
    untouched = child.get_layer("logits").get_weights()
    start_from_imagenet(child, tmp_path / "w.pth")
    assert answers(child) == pytest.approx(answers(parent), abs=1e-4)
    for before, after in zip(untouched, child.get_layer("logits").get_weights(), strict=True):
        assert np.array_equal(before, after)


@pytest.mark.parametrize("content", [b"", b"no weights", b"PK\x03\x04"])
def test_what_is_no_file_of_pytorch_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "w.pth").write_bytes(content)
    with pytest.raises(RecipeError, match=r"w\.pth holds no weights of PyTorch"):
        start_from_imagenet(build_network("lite0", 48, 7), tmp_path / "w.pth")


def test_a_file_that_is_missing_or_of_another_network_is_refused(tmp_path: Path) -> None:
    model = build_network("lite0", 48, 7)
    with pytest.raises(RecipeError, match=r"none\.pth"):
        start_from_imagenet(model, tmp_path / "none.pth")
    state = as_in_pytorch(model)
    first = next(iter(state))
    torch.save({**state, first: torch.ones((32, 3, 5, 5))}, tmp_path / "w.pth")
    with pytest.raises(RecipeError, match=r"\(5, 5, 1, 32\) where the network has \(3, 3, 1, 32\)"):
        start_from_imagenet(model, tmp_path / "w.pth")
    torch.save(dict(list(state.items())[:40]), tmp_path / "w.pth")
    with pytest.raises(RecipeError, match="has its end where the network has"):
        start_from_imagenet(model, tmp_path / "w.pth")


def test_without_pytorch_it_is_said_what_installs_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = build_network("lite0", 48, 7)
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(RecipeError, match="pip install torch"):
        start_from_imagenet(model, tmp_path / "w.pth")
