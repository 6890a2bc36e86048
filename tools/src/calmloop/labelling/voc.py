"""Pascal VOC's XML, as LabelImg writes and reads it: a file beside each picture."""

from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree

from calmloop.cli.outputs import write_text
from calmloop.labelling.boxes import (
    BoxedPicture,
    BoxError,
    FaceBox,
    Size,
    group_called,
    inside,
    read_boxes,
)

SUFFIX = ".xml"
EDGES = ("xmin", "ymin", "xmax", "ymax")
MAX_BYTES = 4_000_000


def read_voc(folder: Path) -> list[BoxedPicture]:
    """The pictures of a folder with an XML file beside them.

    Raises:
        BoxError: see `read_boxes` and `read_voc_file`.
    """
    return read_boxes(folder, SUFFIX, read_voc_file)


def read_voc_file(path: Path, size: Size) -> list[FaceBox]:
    """The boxes of one file, whose picture is of this size.

    Raises:
        BoxError: it is no VOC file, of a picture of another size, or a box cannot be used.
    """
    root = _root(path)
    _check_size(root, size, path)
    return [
        _face(one, size, f"{path} object {n}") for n, one in enumerate(root.iter("object"), start=1)
    ]


def _root(path: Path) -> ElementTree.Element:
    try:
        text = path.read_bytes()
        # What a document type may define can grow without bound, and LabelImg writes none.
        if len(text) > MAX_BYTES or b"<!DOCTYPE" in text:
            raise BoxError(f"{path} is too large or has a DOCTYPE: save it anew with LabelImg")
        root = ElementTree.fromstring(text)
    except OSError as error:
        raise BoxError(f"{path} cannot be read ({error.strerror}): check its name") from error
    except ElementTree.ParseError as error:
        raise BoxError(f"{path} is no XML ({error}): save it anew with LabelImg") from error
    if root.tag != "annotation":
        raise BoxError(
            f"{path} begins with <{root.tag}>, <annotation> is expected: this is no Pascal VOC"
        )
    return root


def _check_size(root: ElementTree.Element, size: Size, path: Path) -> None:
    if root.find("size") is None:
        return
    said = Size(*(round(_number(root, f"size/{edge}", path)) for edge in ("width", "height")))
    if said not in (size, Size(0, 0)):
        raise BoxError(
            f"{path} is of a picture of {said.width}x{said.height}, and the one beside it has"
            f" {size.width}x{size.height}: put the right picture there, or draw the boxes anew"
        )


def _face(one: ElementTree.Element, size: Size, place: str) -> FaceBox:
    group = group_called(one.findtext("name", default=""), place)
    left, top, right, bottom = (_number(one, f"bndbox/{edge}", place) for edge in EDGES)
    difficult = one.findtext("difficult", default="0").strip() == "1"
    return inside(FaceBox(left, top, right, bottom, group, difficult), size, place)


def _number(element: ElementTree.Element, name: str, place: str | Path) -> float:
    text = element.findtext(name)
    if text is None:
        raise BoxError(f"{place} lacks <{name.replace('/', '><')}>: save it anew with LabelImg")
    try:
        return float(text)
    except ValueError:
        raise BoxError(f"{place}: {name} is {text!r}, a number is expected") from None


def write_voc_file(picture: BoxedPicture) -> Path:
    """Writes the boxes beside a picture; where.

    Raises:
        OutputError: that cannot be written.
    """
    path = picture.path.with_suffix(SUFFIX)
    root = ElementTree.Element("annotation")
    for name, text in (("folder", picture.path.parent.name), ("filename", picture.path.name)):
        ElementTree.SubElement(root, name).text = text
    source = ElementTree.SubElement(root, "source")
    ElementTree.SubElement(source, "database").text = "Unknown"
    size = ElementTree.SubElement(root, "size")
    for name, count in (("width", picture.size.width), ("height", picture.size.height)):
        ElementTree.SubElement(size, name).text = str(count)
    ElementTree.SubElement(size, "depth").text = "3"
    ElementTree.SubElement(root, "segmented").text = "0"
    for face in picture.faces:
        _add(root, face)
    ElementTree.indent(root, "\t")
    write_text(path, ElementTree.tostring(root, encoding="unicode") + "\n")
    return path


def _add(root: ElementTree.Element, face: FaceBox) -> None:
    one = ElementTree.SubElement(root, "object")
    told = {
        "name": face.group.value,
        "pose": "Unspecified",
        "truncated": "0",
        "difficult": str(int(face.difficult)),
    }
    for name, text in told.items():
        ElementTree.SubElement(one, name).text = text
    around = ElementTree.SubElement(one, "bndbox")
    edges: Sequence[float] = (face.left, face.top, face.right, face.bottom)
    for name, edge in zip(EDGES, edges, strict=True):
        ElementTree.SubElement(around, name).text = str(round(edge))
