"""The command `measure-answers`: asks the network about faces whose emotion is known."""

# ruff: noqa: PLC0415 - the heavy imports wait until the command runs
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from calmloop.cli.failures import say
from calmloop.cli.outputs import file_option, whole_file
from calmloop.training.data.faces import Faces, Usage, usage_named


def measure_answers(
    data: Annotated[Path, typer.Option(help="Folder with faces, in any layout that train reads.")],
    out: Annotated[Path, file_option(help="File of answers; then: simulate --answers FILE.")],
    split: Annotated[
        Usage,
        typer.Option(
            parser=usage_named,
            metavar="PART",
            help="train, test; Training, PublicTest, PrivateTest.",
        ),
    ] = Usage.PUBLIC_TEST,
    model: Annotated[
        Path | None, typer.Option(help="A .tflite with its card; the shipped one by default.")
    ] = None,
) -> None:
    """Keep a network's answers to labelled faces, for `simulate`. No picture is kept."""
    from calmloop.simulate.answers import pack
    from calmloop.training.data.readers import load_faces

    faces = load_faces(data).part(split)
    logits, provenance = ask(faces, model)
    provenance |= {"set": data.resolve().name, "part": split.value}
    with whole_file(out) as file:
        file.write(pack(logits, faces.emotion, provenance))
    say(f"{out}: {provenance['model']}'s answers to {len(faces)} faces of {split.value}")


def ask(faces: Faces, model: Path | None = None) -> tuple[Any, dict[str, Any]]:
    """Logits (N, 7) of each face, and which network and faces they are of.

    Raises:
        ConfigurationError: the model or its card cannot be used.
    """
    from calmloop.emotion_classifier import EmotionClassifierSection, load_classifier, read_card

    path = model or EmotionClassifierSection().model
    classifier, card = load_classifier(EmotionClassifierSection(model=path)), read_card(path)
    logits = np.stack([classifier.logits(image) for image in faces.images])
    return logits, {
        "model": classifier.name,
        "model_sha256": card.sha256,
        "calibration": asdict(classifier.calibration),
        "output_scale": card.output.scale,
        "output_zero_point": card.output.zero_point,
        "faces": len(faces),
        "faces_sha256": faces.digest(),
    }
