"""Every network: what it is made of, that it learns, and what its parts do."""

from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest

keras = pytest.importorskip("keras", reason="training has an environment of its own")

from calmloop.training.data.labels import GROUP_COLUMNS, SURPRISE  # noqa: E402
from calmloop.training.data.pixels import to_real  # noqa: E402
from calmloop.training.measure import metrics  # noqa: E402
from calmloop.training.networks import (  # noqa: E402
    NETWORKS,
    VARIANTS,
    UnknownNetworkError,
    build_network,
)
from calmloop.training.networks.three_groups import HeadError  # noqa: E402

COUNTS = {
    "cnn2": {"Conv2D": 2, "MaxPooling2D": 2, "Dense": 4, "BatchNorm": 0, "Dropout": 0},
    "cnn8": {"Conv2D": 8, "MaxPooling2D": 4, "Dense": 4, "BatchNorm": 11, "Dropout": 7},
    "vgg16": {"Conv2D": 13, "MaxPooling2D": 5, "Dense": 4, "Dropout": 2},
}
BIG = {"resnet50", "vgg16"}
SEE_SMALLER = {"lite0-trunk-at-64"}


@pytest.fixture(autouse=True)
def same_weights_every_time() -> None:
    """Whatever a training before it in this process has set."""
    keras.mixed_precision.set_dtype_policy("float32")
    keras.utils.set_random_seed(3)


def patterns(count: int) -> tuple[Any, Any]:
    """Pictures whose bright row tells their class."""
    labels = np.arange(count) % 7
    pictures = np.full((count, 48, 48, 1), -0.5, np.float32)
    for picture, label in zip(pictures, labels, strict=True):
        picture[6 * label : 6 * label + 6] = 0.9
    return pictures, labels


@pytest.mark.parametrize("name", (*NETWORKS, *VARIANTS))
def test_a_network_turns_faces_into_seven_logits_and_repeats_by_seed(name: str) -> None:
    pictures, _ = patterns(2)
    model = build_network(name, 48, 7)
    logits = np.asarray(keras.ops.convert_to_numpy(model(pictures, training=False)))
    assert logits.shape == (2, 7)
    assert np.isfinite(logits).all()
    keras.utils.set_random_seed(3)
    again = keras.ops.convert_to_numpy(build_network(name, 48, 7)(pictures, training=False))
    assert logits == pytest.approx(np.asarray(again), abs=1e-5)


@pytest.mark.parametrize(
    "name", [*(name for name in NETWORKS if name not in BIG), "csam-ehorm-refined"]
)
def test_a_network_learns_what_is_plain_to_see(name: str) -> None:
    pictures, labels = patterns(14)
    model = build_network(name, 48, 7)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(1e-3), loss)
    losses = []
    for _ in range(10):
        model.reset_metrics()
        losses.append(float(model.train_on_batch(pictures, labels)))
    assert min(losses[-3:]) < 0.7 * losses[0]


@pytest.mark.parametrize("name", COUNTS)
def test_a_network_has_the_layers_that_its_paper_names(name: str) -> None:
    model = build_network(name, 48, 7)
    found = [type(layer).__name__ for layer in model.layers]
    assert {kind: found.count(kind) for kind in COUNTS[name]} == COUNTS[name]


def test_a_resnet50_has_fifty_layers_with_weights_and_four_for_its_shortcuts() -> None:
    model = build_network("resnet50", 48, 7)
    assert sum(isinstance(layer, keras.layers.Conv2D) for layer in model.layers) == 49 + 4
    assert model.get_layer("groups").units == 3


@pytest.mark.parametrize("name", sorted(BIG))
def test_three_outputs_decide_and_their_softmax_is_that_of_the_groups(name: str) -> None:
    model = build_network(name, 48, 7)
    both = keras.Model(model.input, [model.get_layer("groups").output, model.output])
    pictures = np.random.default_rng(0).uniform(-1, 1, (4, 48, 48, 1)).astype(np.float32)
    groups, logits = (keras.ops.convert_to_numpy(out) for out in both(pictures, training=False))
    probabilities = metrics.softmax(np.asarray(logits))
    assert metrics.group_sums(probabilities) == pytest.approx(
        metrics.softmax(np.asarray(groups)), abs=1e-3
    )
    assert probabilities[:, SURPRISE].max() < 1e-3
    negative = probabilities[:, next(iter(GROUP_COLUMNS.values()))]
    assert np.ptp(negative, axis=1).max() < 1e-5
    kernel, bias = model.get_layer("logits").get_weights()
    model.compile("sgd", keras.losses.CategoricalCrossentropy(from_logits=True))
    model.train_on_batch(pictures, np.eye(7)[:4])
    for before, after in zip((kernel, bias), model.get_layer("logits").get_weights(), strict=True):
        assert np.array_equal(before, after)
    with pytest.raises(HeadError, match="5 classes are asked for"):
        build_network(name, 48, 5)


def test_lite0_has_the_weights_of_efficientnet_lite0_and_no_more() -> None:
    model = build_network("lite0", 48, 7)
    names = [type(layer).__name__ for layer in model.layers]
    assert (names.count("DepthwiseConv"), names.count("Add")) == (16, 9)
    # Of 4,652,008: a thousand classes less and seven instead, and one colour of three at the start.
    assert model.count_params() == 4_652_008 + 42_016 - 1281 * 1000 + 1281 * 7 - 2 * 32 * 9
    trunk, smaller = (build_network(f"lite0-trunk{at}", 48, 7) for at in ("", "-at-64"))
    assert [v.shape for v in smaller.weights] == [v.shape for v in trunk.weights]


@pytest.mark.parametrize("kernel", [3, 5])
@pytest.mark.parametrize(("side_px", "stride"), [(12, 1), (12, 2), (13, 2), (2, 2)])
def test_layers_laid_out_for_pytorch_answer_as_keras_own_do(
    kernel: int, side_px: int, stride: int
) -> None:
    layers = import_module("calmloop.training.networks.layers")
    pictures = keras.ops.convert_to_tensor(
        np.random.default_rng(4).normal(size=(2, side_px, side_px, 6)).astype(np.float32)
    )
    deep, own = layers.DepthwiseConv(kernel, stride), layers.BatchNorm()
    for layer, parent in (
        (deep, keras.layers.DepthwiseConv2D),
        (own, keras.layers.BatchNormalization),
    ):
        said = keras.ops.convert_to_numpy(layer(pictures))
        wanted = keras.ops.convert_to_numpy(parent.call(layer, pictures))
        assert said.shape == wanted.shape
        assert np.asarray(said) == pytest.approx(np.asarray(wanted), abs=1e-5)


def test_channel_and_spatial_attention_stand_in_parallel() -> None:
    csam = import_module("calmloop.training.networks.csam")
    features = keras.Input((12, 12, 16))
    model = keras.Model(features, csam.attend(features))
    for variable in model.trainable_variables:
        variable.assign(np.zeros(variable.shape))
    x = np.random.default_rng(1).normal(size=(1, 12, 12, 16)).astype(np.float32)
    # Both sigmoids of zero are one half: halved twice in a row it would be a quarter.
    assert keras.ops.convert_to_numpy(model(x)) == pytest.approx(x, abs=1e-6)


def test_a_ghost_module_needs_half_of_a_convolutions_weights() -> None:
    ghost = import_module("calmloop.training.networks.ghost")
    features = keras.Input((12, 12, 64))
    model = keras.Model(features, ghost.ghost_module(features, 128))
    assert model.output.shape == (None, 12, 12, 128)
    kernels = [v for v in model.trainable_variables if "kernel" in v.path]
    assert sum(int(np.prod(v.shape)) for v in kernels) == 64 * 64 + 9 * 64


def test_a_high_order_residual_needs_about_a_third_of_the_convolution_that_it_replaces() -> None:
    enhanced = import_module("calmloop.training.networks.enhanced")
    features = keras.Input((12, 12, 64))
    model = keras.Model(features, enhanced.high_order_residual(features))
    assert model.output.shape == (None, 12, 12, 64)
    kernels = [v for v in model.trainable_variables if "kernel" in v.path]
    assert sum(int(np.prod(v.shape)) for v in kernels) == 3 * (9 * 64 + 64 * 64) + 64 * 64 // 4


def test_a_high_order_residual_sums_all_orders_each_made_of_the_one_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    enhanced = import_module("calmloop.training.networks.enhanced")
    monkeypatch.setattr(enhanced, "separable", lambda x, _channels: 2.0 * x)
    features = keras.Input((4, 4, 8))
    model = keras.Model(features, enhanced.high_order_residual(features))
    for variable in model.trainable_variables:
        variable.assign(np.zeros(variable.shape))
    x = np.random.default_rng(1).uniform(0, 1, (1, 4, 4, 8)).astype(np.float32)
    # Weighed by the sigmoid of zero, a half: x + (2 x + 4 x + 8 x) / 2.
    assert keras.ops.convert_to_numpy(model(x)) == pytest.approx(8 * x, abs=1e-5)


def test_refinement_sees_detail_that_the_last_features_have_lost() -> None:
    enhanced = import_module("calmloop.training.networks.enhanced")
    main, finer = keras.Input((6, 6, 16)), keras.Input((12, 12, 8))
    model = keras.Model([main, finer], enhanced.refine(main, finer))
    assert model.output.shape == (None, 6, 6, 16)
    rng = np.random.default_rng(1)
    x = rng.uniform(0, 1, (1, 6, 6, 16)).astype(np.float32)
    detail = rng.uniform(0, 1, (1, 12, 12, 8)).astype(np.float32)
    with_detail, without = (
        keras.ops.convert_to_numpy(model([x, finer])) for finer in (detail, 0 * detail)
    )
    changed = np.abs(with_detail - without).max(axis=(0, 3))
    assert changed.shape == (6, 6)
    assert (changed > 0).all()


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="export is TensorFlow's")
def test_csam_with_both_modules_becomes_an_int8_file_that_says_much_the_same(
    tmp_path: Path,
) -> None:
    int8 = import_module("calmloop.training.tflite.int8")
    network = import_module("calmloop.training.tflite.network")
    faces = np.random.default_rng(2).integers(0, 256, (24, 48, 48)).astype(np.uint8)
    model = build_network("csam-ehorm-refined", 48, 7)
    path = tmp_path / "csam.tflite"
    path.write_bytes(int8.to_int8(model, int8.once, faces))
    said = network.Int8Network(path).logits(faces)
    real = keras.ops.convert_to_numpy(model(to_real(faces), training=False))
    assert np.corrcoef(said.ravel(), np.asarray(real).ravel())[0, 1] > 0.95


def test_an_unknown_network_is_refused_with_those_there_are() -> None:
    with pytest.raises(UnknownNetworkError, match="'cnn9'; there are: calm, cnn2"):
        build_network("cnn9", 48, 7)


@pytest.mark.parametrize("name", sorted(VARIANTS.keys() - SEE_SMALLER))
def test_without_an_idea_a_network_has_other_layers_and_the_same_output(name: str) -> None:
    whole = build_network(VARIANTS[name][0], 48, 7)
    part = build_network(name, 48, 7)
    assert part.count_params() != whole.count_params()
    assert part.output_shape == whole.output_shape
