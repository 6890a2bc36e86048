"""Children that nobody is: shaped, posed and lit as asked, and the same for the same seed."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from calmloop.base.errors import InputError
from calmloop.contract.messages.emotion import EMOTIONS
from calmloop.synth.expressions import BLINK, CRYING, EXPRESSIONS, LAUGHING, SPOKEN, blend, varied
from calmloop.synth.geometry import Posture
from calmloop.synth.lighting import LIGHTS
from calmloop.synth.mesh import Mesh, load_mesh
from calmloop.synth.paint import SKIN_TONES, HairStyle, Looks
from calmloop.synth.person import Ancestry, Person, Sex, express, shape
from calmloop.synth.plan import ROUND, plan
from calmloop.synth.scene import Picture, Shot, Studio

SIDE = 64
PERSON = Person(Ancestry.ASIAN, Sex.FEMALE, 6.0, seed=3)
LOOKS = Looks(4, "brown", "dark", HairStyle.SHORT)
SHOT = Shot(PERSON, LOOKS, seed=1)


@pytest.fixture(scope="module")
def studio(mesh: Mesh) -> Studio:
    return Studio(mesh, SIDE)


def face(picture: Picture) -> float:
    """Mean level of its middle."""
    return float(picture[24:40, 24:40].mean())


def test_every_emotion_has_an_expression_of_its_own() -> None:
    assert set(EXPRESSIONS) == set(EMOTIONS)
    assert len({tuple(units.items()) for units in EXPRESSIONS.values()}) == len(EMOTIONS)


def test_every_unit_of_every_expression_moves_each_ancestry(mesh: Mesh) -> None:
    rng = np.random.default_rng(0)
    everything = blend(*((units, 1.0) for units in EXPRESSIONS.values()), (CRYING, 1.0))
    others = blend((LAUGHING, 1.0), (BLINK, 1.0), *((mouth, 1.0) for mouth in SPOKEN))
    for ancestry in Ancestry:
        for name in varied(everything | others, rng):
            person = replace(PERSON, ancestry=ancestry)
            assert (express(mesh, person, mesh.points, {name: 1.0}) != mesh.points).any(), name


def test_a_child_grows_and_ages_between_have_shapes_between(mesh: Mesh) -> None:
    heights = [
        float(np.ptp(shape(mesh, replace(PERSON, age_years=age))[:, 1])) for age in (1.0, 5.5, 10.0)
    ]
    assert heights[0] < heights[1] < heights[2]
    assert heights[1] == pytest.approx((heights[0] + heights[2]) / 2, rel=0.02)


@pytest.mark.parametrize("age_years", [0.5, 11.0, float("nan")])
def test_an_age_without_a_shape_is_refused_with_the_ages_there_are(age_years: float) -> None:
    with pytest.raises(InputError, match=f"{age_years:g} years.*1 to\\s10"):
        replace(PERSON, age_years=age_years)


def test_the_same_shot_is_the_same_picture_and_each_part_of_it_tells(studio: Studio) -> None:
    picture, square = studio.draw(SHOT)
    assert picture.shape == (SIDE, SIDE, 3)
    again, _ = Studio(studio._mesh, SIDE).draw(SHOT)
    assert (picture == again).all()
    others = (
        replace(SHOT, units={"mouth-open": 1.0}),
        replace(SHOT, pose=Posture(yaw_deg=30)),
        replace(SHOT, looks=replace(LOOKS, hair="blond")),
        replace(SHOT, person=replace(PERSON, seed=4)),
        replace(SHOT, seed=2),
    )
    assert all((studio.draw(other)[0] != picture).any() for other in others)
    assert square.side == SIDE / 2


def test_skin_gets_darker_along_the_scale_and_a_dim_room_is_dark(studio: Studio) -> None:
    light, middle, dark = (
        face(studio.draw(replace(SHOT, looks=replace(LOOKS, skin_tone=tone)))[0])
        for tone in (1, 6, len(SKIN_TONES))
    )
    assert light > middle + 20 > dark + 40
    assert face(studio.draw(replace(SHOT, light="dim"))[0]) < middle


def test_a_lamp_on_one_side_lights_that_side(studio: Studio) -> None:
    for name, sign in (("left", -1), ("right", 1)):
        picture, _ = studio.draw(replace(SHOT, light=name))
        right = float(picture[24:40, 33:42].mean()) - float(picture[24:40, 22:31].mean())
        assert sign * right > 10, LIGHTS[name]


def test_a_face_that_turns_to_its_left_moves_to_the_right_of_the_picture(studio: Studio) -> None:
    _, ahead = studio.draw(SHOT)
    _, turned = studio.draw(replace(SHOT, pose=Posture(yaw_deg=40)))
    _, looking_up = studio.draw(replace(SHOT, pose=Posture(pitch_deg=-30)))
    assert turned.left > ahead.left + 1
    assert looking_up.top < ahead.top


def test_a_round_has_every_group_once_and_compares_like_with_like() -> None:
    planned = list(plan(ROUND, 0, plain=False))
    groups = [
        (one.emotion, p.ancestry, p.sex, p.age_years) for one in planned if (p := one.shot.person)
    ]
    assert len(set(groups)) == ROUND
    for emotion in EMOTIONS:
        alike = {
            (one.pose, one.cover, one.shot.light, one.shot.pose, one.shot.looks, one.shot.seed)
            for one in planned
            if one.emotion == emotion
        }
        assert len(alike) == 1


def test_a_plan_keeps_to_its_seed() -> None:
    assert list(plan(20, 7, plain=False)) == list(plan(20, 7, plain=False))
    assert list(plan(20, 7, plain=False)) != list(plan(20, 8, plain=False))
    plain = list(plan(2 * ROUND, 7, plain=True))
    assert {(one.pose, one.cover, one.shot.light) for one in plain} == {("frontal", "none", "even")}


def test_another_folder_or_mesh_is_refused_with_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"base\.obj cannot be read.*name the folder"):
        load_mesh(tmp_path)
    base = tmp_path / "3dobjs" / "base.obj"
    base.parent.mkdir()
    base.write_text("v 0 0 0\ng body\nf 1/1 1/1 1/1 1/1\n", encoding="ascii")
    with pytest.raises(InputError, match=r"1 points, 19158 .*take base\.obj of the mesh hm08"):
        load_mesh(tmp_path)


def test_a_target_that_is_missing_is_named(mesh: Mesh, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"child\.target\.gz cannot be read.*copy MPFB's targets"):
        shape(replace(mesh, folder=tmp_path), replace(PERSON, age_years=10.0))


@pytest.mark.parametrize("side_px", [63, 1025])
def test_a_picture_too_small_or_large_is_refused(mesh: Mesh, side_px: int) -> None:
    with pytest.raises(InputError, match=f"{side_px} px: 64 to 1024"):
        Studio(mesh, side_px)
