"""Bridges from many seeds: whole, plausible and the same every time. None of this needs Blender."""

import hashlib
from functools import cache

import numpy as np
import pytest

from rendering.bridges import BUILDERS, build_bridge
from rendering.bridges.arch import half_springing, springing
from rendering.bridges.common import Bridge, road
from rendering.bridges.girder import box_depth
from rendering.bridges.suspension import tower_top
from rendering.bridges.truss import SUSPENDED
from rendering.mesh import NONE, MeshBuilder, Parts
from rendering.plan import DECK_SHARE, TYPES, BridgePlan, plan_bridge
from rendering.proportions import PROPORTIONS
from rendering.records import TYPE_WORDS, material_words, type_words
from rendering.terrain import Terrain
from tests.rendering.solids import Solids, adrift

PLANS = range(50 * len(TYPES))  # every type fifty times
IN_THE_GROUND = ("concrete", "stone", "voussoir", "kerb", "boards", "roof", "plaster")
ROAD_ABOVE = ("asphalt", "marking", "railing", "lamp", "cable", "paint", "wood")


def telling_seeds() -> list[int]:
    """Return the first seed that shows each variant, pylon, pier and railing of each type."""
    first: dict[tuple[str, str, str], int] = {}
    for seed in PLANS:
        plan = plan_bridge(seed)
        for kind in ("variant", "pylon", "pier", "railing"):
            first.setdefault((plan.type, kind, getattr(plan, kind)), seed)
    return sorted(set(first.values()))


SEEDS = telling_seeds()


@cache
def built(seed: int) -> tuple[BridgePlan, Terrain, Bridge]:
    plan = plan_bridge(seed)
    terrain = Terrain(plan)
    return plan, terrain, build_bridge(plan, terrain.height)


def of_type(*names: str) -> list[int]:
    return [seed for seed in SEEDS if plan_bridge(seed).type in names]


def digest(bridge: Bridge) -> str:
    found = hashlib.sha256()
    for material, mesh in sorted(bridge.meshes.items()):
        found.update(material.encode() + mesh.vertices.tobytes() + mesh.faces.tobytes())
    return found.hexdigest()


def test_every_type_has_builder_proportions_and_words_and_all_take_equal_turns() -> None:
    assert set(BUILDERS) == set(TYPES) == set(PROPORTIONS) == set(TYPE_WORDS)
    types = [plan_bridge(seed).type for seed in PLANS]
    assert {types.count(kind) for kind in TYPES} == {50}


@pytest.mark.parametrize("kind", TYPES)
def test_variants_of_a_type_differ_by_one_turn_at_most(kind: str) -> None:
    found = [plan.variant for plan in map(plan_bridge, PLANS) if plan.type == kind]
    counts = [found.count(variant) for variant in PROPORTIONS[kind].variants]
    assert sum(counts) == 50
    assert max(counts) - min(counts) <= 1


@pytest.mark.parametrize("kind", TYPES)
def test_proportions_of_fifty_seeds_lie_within_the_stated_ranges(kind: str) -> None:
    shape = PROPORTIONS[kind]
    for plan in (plan_bridge(TYPES.index(kind) + turn * len(TYPES)) for turn in range(50)):
        least, most = shape.rise_of(plan.variant)
        assert plan.type == kind
        assert shape.span[0] - 0.1 <= plan.span <= shape.span[1] + 0.1
        assert shape.width[0] <= plan.width <= shape.width[1]
        assert shape.depth[0] <= plan.depth / plan.span <= shape.depth[1]
        assert least * plan.span - 1e-9 <= plan.rise
        assert plan.rise <= max(most * plan.span, shape.least_rise) + 1e-9
        assert plan.clearance >= shape.least_clearance
        mains = sum(span == plan.span for span in plan.spans)
        assert shape.count[0] <= mains <= shape.count[1]


@pytest.mark.parametrize("seed", SEEDS)
def test_meshes_are_finite_and_faces_name_existing_vertices(seed: int) -> None:
    for mesh in built(seed)[2].meshes.values():
        assert np.isfinite(mesh.vertices).all()
        assert mesh.faces[:, :3].min() >= 0
        assert mesh.faces.max() < len(mesh.vertices)
        assert len(mesh.uv()) == (mesh.faces != NONE).sum()


@pytest.mark.parametrize("seed", SEEDS)
def test_every_part_is_joined_to_the_ground_through_others_that_it_touches(seed: int) -> None:
    _, terrain, bridge = built(seed)
    solids = Solids.of(bridge)
    loose = adrift(solids, terrain)
    assert [solids.describe(index) for index in loose] == []


def test_a_part_that_hangs_in_the_air_is_found() -> None:
    plan, terrain, bridge = built(0)
    parts = Parts()
    parts["paint"].box([0, 0, plan.clearance + 9], [1, 1, 1])
    with_one = Bridge(bridge.meshes | {"pane": parts.meshes()["paint"]}, bridge.deck, bridge.main)
    assert len(adrift(Solids.of(with_one), terrain)) == 1


@pytest.mark.parametrize("seed", SEEDS)
def test_only_foundations_reach_into_ground_and_water(seed: int) -> None:
    plan, terrain, bridge = built(seed)
    for material in set(bridge.meshes) & set(ROAD_ABOVE):
        points = bridge.meshes[material].vertices
        deep = plan.type.startswith(("suspension", "cable-stayed", "through arch"))
        shelf = 3 + 2 * plan.below if deep else 3  # where the deck's end rests in its abutment
        points = points[np.abs(points[:, 0]) < plan.length / 2 - shelf]
        above = points[:, 2] - np.maximum(terrain.height(points[:, 0], points[:, 1]), 0.0)
        assert above.min(initial=1.0) > 0.0, (material, points[np.argmin(above)])


@pytest.mark.parametrize("seed", SEEDS)
def test_boats_pass_under_the_main_span(seed: int) -> None:
    plan, _, bridge = built(seed)
    middle = plan.stations[len(plan.stations) // 2 - 1] + plan.span / 2
    if plan.type == "swing":
        middle = plan.span / 2
    for material, mesh in bridge.meshes.items():
        points = mesh.vertices
        near = (np.abs(points[:, 0] - middle) < plan.span * 0.15) & (points[:, 2] > 0)
        near &= np.abs(points[:, 1]) < plan.width / 2
        if material in IN_THE_GROUND and plan.type == "swing":
            continue
        assert points[near, 2].min(initial=99.0) > 2.0, material


@pytest.mark.parametrize("seed", SEEDS)
def test_deck_runs_from_abutment_to_abutment_without_a_step(seed: int) -> None:
    plan, _, bridge = built(seed)
    assert bridge.deck[[0, -1], 0] == pytest.approx([-plan.length / 2, plan.length / 2])
    steps = np.diff(bridge.deck, axis=0)
    assert (steps[:, 0] > 0).all()
    assert np.abs(steps[:, 2] / steps[:, 0]).max() < 0.2
    assert steps[:, 0].max() < 13


@pytest.mark.parametrize("seed", [s for s in SEEDS if not plan_bridge(s).open])
def test_something_to_walk_on_lies_under_every_metre_of_the_deck(seed: int) -> None:
    plan, _, bridge = built(seed)
    x = np.arange(-plan.length / 2 + 1, plan.length / 2 - 1, 0.5)
    free = np.ones(len(x), dtype=bool)
    for mesh in bridge.meshes.values():
        corners = mesh.vertices[np.where(mesh.faces == NONE, mesh.faces[:, :1], mesh.faces)]
        low, high = corners.min(axis=1), corners.max(axis=1)
        level = np.abs(high[:, 2] - road(plan, high[:, 0])) < 0.4
        on = (
            level & (low[:, 1] <= 0.3) & (high[:, 1] >= 0.3) & (np.ptp(corners[..., 2], axis=1) < 1)
        )
        for start, end in np.column_stack([low[on, 0], high[on, 0]]):
            free &= ~((x >= start - 0.3) & (x <= end + 0.3))
    assert x[free].tolist() == []


@pytest.mark.parametrize("seed", SEEDS)
def test_ground_meets_the_road_at_both_ends_and_stays_below_it_between(seed: int) -> None:
    plan, terrain, _ = built(seed)
    beyond = np.array([-1.0, 1.0]) * (plan.length / 2 + 4)
    gap = road(plan, beyond) - terrain.height(beyond, np.zeros(2))
    assert (gap > 0).all()
    assert (gap < 1.5).all()
    x = np.linspace(-plan.length / 2 + 1, plan.length / 2 - 1, 200)
    assert (terrain.height(x, np.zeros_like(x)) < road(plan, x)).all()


@pytest.mark.parametrize("seed", range(len(TYPES)))
def test_a_seed_gives_the_same_solids_again_and_another_seed_gives_others(seed: int) -> None:
    plan = plan_bridge(seed)
    again = build_bridge(plan, Terrain(plan).height)
    assert digest(built(seed)[2]) == digest(again)
    assert digest(built(seed)[2]) != digest(built(seed + len(TYPES))[2])


@pytest.mark.parametrize("seed", of_type("suspension", "through arch", "half-through arch"))
def test_hangers_touch_the_deck_and_what_they_hang_from(seed: int) -> None:
    plan, _, bridge = built(seed)
    foot, top = bridge.hangers[:, 0], bridge.hangers[:, 1]
    assert np.abs(foot[:, 2] - road(plan, foot[:, 0])).max() < 0.5
    inside = np.abs(top[:, 0]) <= plan.span / 2
    curve = np.interp(top[inside, 0], bridge.main[:, 0], bridge.main[:, 2])
    np.testing.assert_allclose(top[inside, 2], curve, atol=0.6)
    assert (top[:, 2] > foot[:, 2]).all()


@pytest.mark.parametrize("seed", of_type("cable-stayed fan", "cable-stayed harp", "extradosed"))
def test_stays_rise_from_the_deck_to_a_pylon(seed: int) -> None:
    plan, _, bridge = built(seed)
    foot, top = bridge.hangers[:, 0], bridge.hangers[:, 1]
    np.testing.assert_allclose(foot[:, 2], road(plan, foot[:, 0]), atol=0.01)
    gaps = np.abs(top[:, :1] - np.array(plan.stations)[None, :]).min(axis=1)
    assert gaps.max() < (0.3 * plan.rise if plan.pylon == "leaning mast" else 0.01)
    assert (np.abs(foot[:, 1]) <= plan.width / 2 + 0.5).all()


@pytest.mark.parametrize("seed", of_type("cable-stayed harp"))
def test_stays_of_a_harp_are_parallel(seed: int) -> None:
    plan, _, bridge = built(seed)
    run = bridge.hangers[:, 1] - bridge.hangers[:, 0]
    slopes = run[:, 2] / np.hypot(run[:, 0], run[:, 1])
    away = np.abs(bridge.hangers[:, 1, :1] - np.array(plan.stations)[None, :])
    groups = np.argmin(away, axis=1) * 2 + (run[:, 0] > 0)
    for group in np.unique(groups):
        one = slopes[groups == group]
        assert np.ptp(one) < 0.2 * one.mean()


@pytest.mark.parametrize("seed", of_type("suspension"))
def test_cable_hangs_from_saddle_to_saddle(seed: int) -> None:
    plan, _, bridge = built(seed)
    assert bridge.main[[0, -1], 2] == pytest.approx(tower_top(plan))
    assert np.ptp(bridge.main[:, 2]) == pytest.approx(plan.rise, rel=1e-6)


@pytest.mark.parametrize("seed", of_type("steel deck arch", "concrete deck arch"))
def test_deck_arches_spring_from_the_ground(seed: int) -> None:
    plan, terrain, bridge = built(seed)
    assert bridge.main[0, 2] == pytest.approx(springing(plan))
    ends = bridge.main[[0, -1]]
    ground = terrain.height(ends[:, 0], ends[:, 1])
    assert np.abs(ground - ends[:, 2]).max() < max(12.0, plan.span / 8)
    assert bridge.main[:, 2].max() < road(plan, np.zeros(1))[0]


@pytest.mark.parametrize("seed", of_type("half-through arch"))
def test_a_half_through_arch_crosses_its_deck_in_its_lower_half(seed: int) -> None:
    plan, _, bridge = built(seed)
    assert bridge.main[0, 2] == pytest.approx(half_springing(plan))
    share = (road(plan, np.zeros(1))[0] - bridge.main[0, 2]) / np.ptp(bridge.main[:, 2])
    assert DECK_SHARE <= share < 0.5 + 0.05
    assert bridge.main[0, 2] > 1.0


@pytest.mark.parametrize("seed", of_type("cantilever truss"))
def test_a_cantilever_is_highest_over_its_piers_and_level_in_between(seed: int) -> None:
    plan, _, bridge = built(seed)
    x, z = bridge.main[:, 0], bridge.main[:, 2] - road(plan, bridge.main[:, 0])
    assert z.max() == pytest.approx(plan.rise)
    assert abs(abs(x[np.argmax(z)]) - plan.span / 2) < 0.01
    assert np.ptp(z[np.abs(x) < plan.span * SUSPENDED / 2]) < 0.2 * plan.rise


@pytest.mark.parametrize("seed", of_type("box girder"))
def test_a_haunched_box_is_deepest_over_its_piers(seed: int) -> None:
    plan, _, _ = built(seed)
    pier, middle = plan.stations[1], plan.stations[1] + plan.span / 2
    depth = box_depth(plan, np.array([pier, middle]))
    assert depth[0] == pytest.approx(plan.rise)
    assert (depth[1] < 0.6 * depth[0]) == (plan.variant == "haunched")


def test_a_raised_leaf_leaves_the_opening_free_and_a_closed_one_does_not() -> None:
    for seed in of_type("bascule"):
        plan, _, bridge = built(seed)
        points = bridge.meshes["asphalt"].vertices
        over = np.abs(points[:, 0]) < plan.span * 0.2
        low = over & (np.abs(points[:, 2] - plan.clearance) < 1.0)
        assert low.any() != plan.open


@pytest.mark.parametrize("seed", SEEDS)
def test_lamp_heads_hang_over_the_deck_or_beside_it(seed: int) -> None:
    plan, _, bridge = built(seed)
    lamps = bridge.lamps
    assert plan.lamps != "masts" or len(lamps) > 0 or plan.type == "through truss"
    assert (
        lamps[:, 2] > plan.clearance + 1.0 - plan.rise * (plan.variant == "stress ribbon")
    ).all()
    assert (np.abs(lamps[:, 1]) < plan.width / 2 + 9).all()


@pytest.mark.parametrize("seed", range(6 * len(TYPES)))
def test_words_name_the_type_and_no_placeholder_is_left(seed: int) -> None:
    plan = plan_bridge(seed)
    words = type_words(plan)
    assert "{" not in words
    assert words == words.strip()
    assert "  " not in words
    assert len(material_words(plan)) == len(set(material_words(plan))) > 0


def test_beams_of_every_direction_keep_their_section() -> None:
    builder = MeshBuilder()
    builder.beams([[0, 0, 0], [0, 0, 0], [0, 0, 0]], [[3, 0, 0], [0, 0, 3], [1, 1, 1]], 0.2, 0.4)
    rings = builder.mesh().vertices.reshape(3, 2, 4, 3)
    diagonal = np.linalg.norm(rings[:, :, 0] - rings[:, :, 2], axis=-1)
    np.testing.assert_allclose(diagonal, np.hypot(0.2, 0.4))
