"""The images build from this checkout, and each holds its own stage and nothing else."""

import json
import subprocess

import docker
import pytest

from calmloop.compose_init.owners import SERVICE_UIDS
from calmloop.contract.topics import SERVICES, Account
from tests.services import LISTING
from tests.system.deployment import REPOSITORY

pytestmark = [pytest.mark.system, pytest.mark.timeout(1800)]

PREFIX = "calmloop-test"
BASE = "python:3.11-slim-bookworm"
LIST_MODULES = """
import calmloop, pkgutil
print(*(module.name for module in pkgutil.iter_modules(calmloop.__path__)))
"""
FIND_RUNTIMES = """
import importlib.util
print(*(name for name in {names} if importlib.util.find_spec(name)))
"""
SET_TEXT = """
import os, tempfile
with tempfile.TemporaryDirectory() as folder:
    os.environ["XDG_CACHE_HOME"] = folder
    import weasyprint
    print(len(weasyprint.HTML(string="<p>text</p>").write_pdf()) > 0)
"""
IMPORTED = {"litert": "ai_edge_litert", "tflite": "tflite_runtime"}
MAX_MB = 300
LARGER_MB = {Account.CAMERA: 380, Account.FACE_DETECTOR: 380}
"""OpenCV's wheel and numpy are 216 MB beside the base's 123."""
BUILT_ELSEWHERE = {"fleet-centre:local", "camera:local-gstreamer"}


def tags_of(account: Account) -> list[str]:
    """One image, or one for each of the service's own locks."""
    (locks,) = (service.locks for service in LISTING.services if service.name == account)
    variants = [lock.removeprefix(account) for lock in locks] if len(locks) > 1 else [""]
    return [f"{PREFIX}/{account}:local{variant}" for variant in variants]


def run(engine: docker.DockerClient, tag: str, code: str) -> str:
    output: bytes = engine.containers.run(
        tag, ["-c", code], entrypoint="python", remove=True, network_mode="none", read_only=True
    )
    return output.decode()


def test_every_image_is_built(images: tuple[str, ...]) -> None:
    ours = [tag for account in SERVICES for tag in tags_of(account)]
    assert {*ours, f"{PREFIX}/init:local", f"{PREFIX}/chair-sim:local"} <= set(images)


@pytest.mark.parametrize("account", sorted(SERVICES))
def test_an_image_holds_one_service_and_runs_as_its_user(
    engine: docker.DockerClient, images: tuple[str, ...], account: Account
) -> None:
    services = {service.value.replace("-", "_") for service in SERVICES}
    for tag in tags_of(account):
        assert tag in images
        modules = set(run(engine, tag, LIST_MODULES).split())
        assert modules & services == {account.value.replace("-", "_")}
        uid = SERVICE_UIDS[account]
        assert engine.images.get(tag).attrs["Config"]["User"] == f"{uid}:{uid}"


@pytest.mark.parametrize("account", sorted(SERVICES))
def test_an_image_is_no_larger_than_what_it_needs(
    engine: docker.DockerClient, images: tuple[str, ...], account: Account
) -> None:
    for tag in tags_of(account):
        assert tag in images
        size_mb = engine.images.get(tag).attrs["Size"] / 1e6
        print(f"{tag}: {size_mb:.0f} MB")
        assert size_mb <= LARGER_MB.get(account, MAX_MB)


def test_what_needs_the_same_packages_shares_their_layer(
    engine: docker.DockerClient, images: tuple[str, ...]
) -> None:
    """A device has it once, and an update of ours does not bring it again."""
    base, camera, detector = (
        engine.images.get(tag).attrs["RootFS"]["Layers"]
        for tag in (BASE, f"{PREFIX}/camera:local", f"{PREFIX}/face-detector:local")
    )
    assert images
    shared = set(camera) & set(detector) - set(base)
    assert len(shared) >= 2, "of the time zones' check, and of the packages"


def test_what_renders_reports_sets_text_without_a_complaint(
    engine: docker.DockerClient, images: tuple[str, ...]
) -> None:
    tag = f"{PREFIX}/caregiver-console:local"
    assert tag in images
    said: bytes = engine.containers.run(
        tag,
        ["-c", SET_TEXT],
        entrypoint="/opt/reports/bin/python",
        remove=True,
        network_mode="none",
        read_only=True,
        tmpfs={"/tmp": ""},
        stderr=True,
    )
    assert said.decode().split() == ["True"]


@pytest.mark.parametrize("runtime", IMPORTED)
def test_the_classifier_s_variants_hold_one_runtime_each(
    engine: docker.DockerClient, images: tuple[str, ...], runtime: str
) -> None:
    (tag,) = [tag for tag in images if tag.endswith(f"emotion-classifier:local-{runtime}")]
    held = run(engine, tag, FIND_RUNTIMES.format(names=tuple(IMPORTED.values())))
    assert held.split() == [IMPORTED[runtime]]


def test_the_multi_arch_build_makes_every_image_for_both_architectures(
    images: tuple[str, ...],
) -> None:
    plan = subprocess.run(
        ["docker", "buildx", "bake", "-f", "compose/docker-bake.hcl", "--print"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    )
    targets = json.loads(plan.stdout)["target"].values()
    planned = {tag.removeprefix("calmloop/") for target in targets for tag in target["tags"]}
    built = {tag.removeprefix(f"{PREFIX}/") for tag in images}
    assert planned > BUILT_ELSEWHERE
    assert planned - BUILT_ELSEWHERE == built - BUILT_ELSEWHERE - {"standin:latest"}
    assert all(set(t["platforms"]) == {"linux/arm64", "linux/amd64"} for t in targets)
