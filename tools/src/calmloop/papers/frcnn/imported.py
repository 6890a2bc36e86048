"""Pictures that people have labelled with LabelImg, as the detector learns from them."""

from pathlib import Path

import numpy as np

from calmloop.agreement.answers import GROUP_ORDER
from calmloop.labelling.boxes import BoxedPicture, read_picture
from calmloop.labelling.voc import read_voc
from calmloop.labelling.yolo import CLASSES, read_yolo
from calmloop.papers.frcnn.pictures import LabelledPicture


def read_labelled(folder: Path) -> list[LabelledPicture]:
    """All labelled pictures: YOLO's where the folder has a classes.txt, Pascal VOC's else.

    What LabelImg calls difficult is left out, as Pascal VOC's own measures do.

    Raises:
        BoxError: there is none, or one cannot be used.
    """
    boxed = read_yolo(folder) if (folder / CLASSES).is_file() else read_voc(folder)
    return [_labelled(picture) for picture in boxed]


def _labelled(picture: BoxedPicture) -> LabelledPicture:
    faces = [face for face in picture.faces if not face.difficult]
    boxes = [(face.left, face.top, face.right, face.bottom) for face in faces]
    return LabelledPicture(
        read_picture(picture.path),
        np.array(boxes, np.float32).reshape(-1, 4),
        np.array([GROUP_ORDER.index(face.group) for face in faces], np.int64),
        picture.origin,
    )
