"""The software bill of materials: `.venv-release/bin/python -m tools.release.bill`.

CycloneDX 1.6 as JSON, by cyclonedx-python-lib, checked against its schema. It says what the images
and the firmware are made of: the locked packages of each image, those in the console's pages, the
base images, the shipped network, the firmware. It has no licences: the locks do not name them.
"""

import argparse
import hashlib
import json
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

from cyclonedx.model import HashAlgorithm, HashType, Property
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL

from tools.service_list.listing import read

PIN = re.compile(r"^([a-z0-9.-]+)==([^ ;\\]+)", re.MULTILINE)
BASE = re.compile(
    r"^(?:ARG (?:PYTHON|NODE)=| +image: )([a-z][a-z0-9./-]*):([\w.-]+)$", re.MULTILINE
)
BASES = ("services/Dockerfile", "compose/compose.yaml")
NETWORK = "services/emotion-classifier/src/calmloop/emotion_classifier/models/calm.tflite"
PAGE_LOCK = "services/caregiver-console/page/package-lock.json"
PAGES = "caregiver-console"
IMAGE = "calmloop:image"
"""The property that names an image that it is in."""


def main() -> int:
    """Prints the bill; returns the exit code."""
    parser = argparse.ArgumentParser(prog="bill", description="Prints a bill of materials.")
    parser.add_argument("--version", required=True)
    parser.add_argument("--commit", required=True)
    parser.add_argument("--epoch", required=True, type=int)
    parser.add_argument("--firmware", required=True, type=Path, help="the built .hex")
    parser.add_argument("--firmware-version", required=True)
    chosen = parser.parse_args()
    root = Path.cwd()
    bom = Bom(
        components=[*_components(root), _firmware(chosen.firmware, chosen.firmware_version)],
        serial_number=uuid5(NAMESPACE_URL, f"calmloop:{chosen.version}:{chosen.commit}"),
    )
    bom.metadata.timestamp = datetime.fromtimestamp(chosen.epoch, UTC)
    bom.metadata.component = Component(
        name="calmloop", version=chosen.version, type=ComponentType.APPLICATION, bom_ref="calmloop"
    )
    bom.register_dependency(bom.metadata.component, bom.components)
    text = JsonV1Dot6(bom).output_as_string(indent=1)
    fault = JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
    if fault is not None:
        print(f"the bill of materials is not what CycloneDX asks for: {fault}", file=sys.stderr)
        return 1
    print(text)
    return 0


def _components(root: Path) -> Iterator[Component]:
    images: dict[PackageURL, set[str]] = defaultdict(set)
    for image, lock in _locks(root):
        text = (root / "requirements" / f"{lock}.txt").read_text(encoding="utf-8")
        for name, version in PIN.findall(text):
            images[PackageURL("pypi", name=name, version=version)].add(image)
    for url in _of_pages(root):
        images[url].add(PAGES)
    for url in sorted(images, key=str):
        yield _component(url, ComponentType.LIBRARY, sorted(images[url]))
    for url in sorted(_bases(root), key=str):
        yield _component(url, ComponentType.CONTAINER, ())
    yield Component(
        name="calm",
        type=ComponentType.MACHINE_LEARNING_MODEL,
        bom_ref=NETWORK,
        hashes=[_hash(root / NETWORK)],
        properties=[Property(name=IMAGE, value="emotion-classifier")],
    )


def _locks(root: Path) -> Iterator[tuple[str, str]]:
    """Each image with a lock that it is made from."""
    for service in read(root).services:
        yield from ((service.name, lock) for lock in service.locks)
    yield "init", "compose-init"
    yield PAGES, "tools-reports"


def _of_pages(root: Path) -> Iterator[PackageURL]:
    """What ends up in the built pages, and not what builds them."""
    packages = json.loads((root / PAGE_LOCK).read_text(encoding="utf-8"))["packages"]
    for path, about in packages.items():
        if path and not about.get("dev") and not about.get("link"):
            *_, name = path.partition("node_modules/")
            scope, _, plain = name.rpartition("/")
            yield PackageURL("npm", scope or None, plain, about["version"])


def _bases(root: Path) -> set[PackageURL]:
    found: set[PackageURL] = set()
    for file in BASES:
        for name, tag in BASE.findall((root / file).read_text(encoding="utf-8")):
            scope, _, plain = name.rpartition("/")
            found.add(PackageURL("docker", scope or None, plain, tag))
    return found


def _component(url: PackageURL, kind: ComponentType, images: Iterable[str]) -> Component:
    return Component(
        name=url.name,
        group=url.namespace,
        version=url.version,
        type=kind,
        purl=url,
        bom_ref=str(url),
        properties=[Property(name=IMAGE, value=image) for image in images],
    )


def _firmware(file: Path, version: str) -> Component:
    return Component(
        name="calmloop-chair",
        version=version,
        type=ComponentType.FIRMWARE,
        bom_ref="calmloop-chair",
        hashes=[_hash(file)],
    )


def _hash(file: Path) -> HashType:
    with file.open("rb") as content:
        digest = hashlib.file_digest(content, "sha256").hexdigest()
    return HashType(alg=HashAlgorithm.SHA_256, content=digest)


if __name__ == "__main__":
    sys.exit(main())
