"""The paper's numbers on ViT-L/14's real configuration, which no weights are needed for."""

from calmloop.papers.clip.full_size import count_full_size


def test_about_four_thousandths_of_clip_are_trained() -> None:
    counts = count_full_size()
    assert counts.clip == 427_616_513
    assert counts.lora == 24 * 2 * (16 * 1024 + 1024 * 16)
    assert 0.0035 < counts.lora / counts.clip < 0.0045
    assert counts.head == 1024 * 512 + 512 + 512 * 7 + 7
