"""Types, settings and lights of the whole gallery, from its plans alone."""

from collections import Counter
from pathlib import Path

import pytest

from rendering.balance import FRIENDLY, light_names
from rendering.light import LIGHTS
from rendering.plan import SETTINGS, TYPES, plan_bridge
from rendering.storage import read_records
from rendering.table import BEGIN, END, counts, insert, main

BRIDGES, VIEWS = range(320), 4
GALLERY = Path(__file__).parents[2] / "gallery"


def test_types_come_equally_often() -> None:
    seen = Counter(plan_bridge(seed).type for seed in BRIDGES)
    assert set(seen) == set(TYPES)
    assert max(seen.values()) - min(seen.values()) <= 1


def test_settings_come_about_equally_often_and_suit_their_types() -> None:
    plans = [plan_bridge(seed) for seed in BRIDGES]
    assert all(plan.setting in SETTINGS[plan.type] for plan in plans)
    seen = Counter(plan.setting for plan in plans)
    assert set(seen) == {name for names in SETTINGS.values() for name in names}
    assert max(seen.values()) <= 2 * min(seen.values())


def test_lights_come_equally_often_and_none_twice_for_a_bridge() -> None:
    names = [light_names(seed, VIEWS, len(TYPES)) for seed in BRIDGES]
    assert all(len(set(each)) == VIEWS for each in names)
    seen = Counter(name for each in names for name in each)
    assert set(seen) == set(LIGHTS)
    assert max(seen.values()) - min(seen.values()) <= 2


@pytest.mark.parametrize("kind", TYPES)
def test_every_type_is_seen_in_every_light(kind: str) -> None:
    seeds = [seed for seed in BRIDGES if plan_bridge(seed).type == kind]
    seen = Counter(name for seed in seeds for name in light_names(seed, VIEWS, len(TYPES)))
    assert set(seen) == set(LIGHTS)
    assert max(seen.values()) <= 3 * min(seen.values())


def test_the_first_picture_has_a_friendly_light() -> None:
    assert {light_names(seed, VIEWS, len(TYPES))[0] for seed in BRIDGES} == set(FRIENDLY)


def test_night_comes_last_and_the_view_from_the_air_shows_the_ground() -> None:
    for names in (light_names(seed, VIEWS, len(TYPES)) for seed in BRIDGES):
        assert "night" not in names[:-1]
        assert names[1] in ("noon", "low sun", "overcast") or not (
            {"noon", "low sun", "overcast"} & set(names[1:])
        )


def test_more_bridges_leave_the_first_as_they_are() -> None:
    before = [plan_bridge(seed) for seed in range(20)]
    plan_bridge(2000)
    assert [plan_bridge(seed) for seed in range(20)] == before


def test_readme_of_the_gallery_holds_the_table_of_its_records() -> None:
    text = (GALLERY / "README.md").read_text(encoding="utf-8")
    assert insert(text, counts(read_records(GALLERY))) == text


def test_table_counts_by_light_and_goes_between_its_markers(tmp_path: Path) -> None:
    (tmp_path / "records.json").write_text(
        '[{"path": "README.md", "group": "b", "type": "truss", "setting": "lake",'
        ' "light": "fog", "licence": "CC0-1.0"}]'
    )
    (tmp_path / "README.md").write_text(f"Before\n{BEGIN}\nold\n{END}\nAfter\n")
    assert main([str(tmp_path)]) == 0
    text = (tmp_path / "README.md").read_text()
    assert "| truss | 0 | 0 | 0 | 0 | 1 | 0 | 1 |" in text
    assert text.startswith("Before")
    assert text.endswith("After\n")
    assert "old" not in text


def test_a_readme_without_markers_is_refused() -> None:
    with pytest.raises(ValueError, match="Counts"):
        insert("no markers", "table")
