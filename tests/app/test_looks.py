"""What can be checked of the looks without eyes: rows, contrast, words, sets."""

import re

import numpy as np
import pytest

from app.layout import aspect, stylesheet
from app.neighbours import places
from model.similarity import background
from tests.app.conftest import ROOT

STYLE = (ROOT / "static" / "base.css").read_text()


def tokens(scheme: str) -> dict[str, str]:
    """Return the colours of base.css, which names both of each: light-dark(#..., #...)."""
    pairs = re.findall(r"--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);", STYLE)
    assert len(pairs) >= 7
    return {name: dark if scheme == "dark" else light for name, light, dark in pairs}


def luminance(colour: str) -> float:
    """Return the relative luminance of WCAG 2."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return float(np.dot(linear, (0.2126, 0.7152, 0.0722)))


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_and_controls_have_contrast_in_both_schemes(scheme: str) -> None:
    colours = tokens(scheme)
    for ground in ("ground", "raised"):
        for text in ("text", "soft", "accent"):
            assert contrast(colours[text], colours[ground]) >= 7, (text, ground)
    assert contrast(colours["on-accent"], colours["accent"]) >= 7
    assert "#000000" not in colours.values()


def test_every_class_has_its_rule_and_is_close_to_the_picture() -> None:
    rules = dict(re.findall(r"\.(aspect-\d+)\{--aspect:([\d.]+)\}", stylesheet()))
    for width in range(300, 8000, 7):
        ratio = float(rules[aspect(width, 1000)])
        assert ratio == pytest.approx(width / 1000, rel=0.017)
    assert len(stylesheet()) < 12_000


def test_a_row_is_filled_with_pictures_of_one_height() -> None:
    """The flex algorithm, as pictures.css uses it, in numbers."""
    ratios, row, width = np.array([1.5, 0.75, 1.78, 2.4]), 200.0, 1400.0
    basis = ratios * row
    grown = basis + (width - basis.sum()) * ratios / ratios.sum()
    assert grown.sum() == pytest.approx(width)
    assert np.ptp(grown / ratios) < 1e-9


@pytest.mark.parametrize("others", [0, 1, 5, 12, 13, 20, 27, 28, 100, 1000, 50_000])
def test_the_three_sets_never_share_a_picture(others: int) -> None:
    closest, further, far = places(others)
    ranks = [*closest, *further, *far]
    assert len(set(ranks)) == len(ranks)
    assert all(0 <= rank < others for rank in ranks)
    assert ranks == sorted(ranks)
    if others >= 1000:
        assert others // 10 in further
        assert far[-1] == others - 1


def scores(size: int, middle: float, spread: float) -> np.ndarray:
    return np.random.default_rng(0).normal(middle, spread, size).astype(np.float32)


@pytest.mark.parametrize(("middle", "spread"), [(0.1, 0.05), (0.85, 0.02)])
def test_words_follow_the_background_and_not_the_bare_number(middle: float, spread: float) -> None:
    around = background(scores(5000, middle, spread))
    words = [around.likeness(middle + step * spread).word for step in (6.5, 4.6, 2.8, 0.0)]
    assert words == ["very similar", "similar", "loosely similar", "hardly similar"]


def test_the_real_matches_do_not_shift_their_own_background() -> None:
    plain = scores(1000, 0.1, 0.05)
    with_matches = np.concatenate([plain, np.full(50, 0.95, np.float32)])
    assert background(with_matches).middle == pytest.approx(background(plain).middle, abs=0.01)


def test_a_copy_is_very_similar_whatever_surrounds_it() -> None:
    assert background(np.ones(100, np.float32)).likeness(1.0).word == "very similar"
    assert background(np.array([1.0], np.float32)).likeness(1.0).strength == 1.0
    assert background(np.empty(0, np.float32)).likeness(0.1).word == "hardly similar"


def test_the_bar_is_longer_for_what_is_closer_and_never_empty() -> None:
    around = background(scores(1000, 0.1, 0.05))
    lengths = [around.likeness(value).strength for value in (-0.9, 0.1, 0.2, 0.3, 0.9)]
    assert lengths == sorted(lengths)
    assert 0 < lengths[0] < lengths[-1] == 1
