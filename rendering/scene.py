"""One bridge with its surroundings and pictures, as files that Blender's Python can read."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from rendering import banks, nature, people, town
from rendering.balance import light_names
from rendering.bridges import build_bridge
from rendering.bridges.common import Bridge
from rendering.cameras import KINDS, choose_view
from rendering.clearing import framing_trees, in_the_way
from rendering.light import Light, make_light
from rendering.looks import looks
from rendering.mesh import Floats, Mesh, MeshBuilder, Parts
from rendering.plan import TYPES, BridgePlan, plan_bridge
from rendering.score import Place, sample_bridge
from rendering.terrain import Terrain
from rendering.view import View

KINDS_IN_TURN = (
    ("bank", "water"),
    ("air",),
    ("deck", "below", "detail"),
    ("water", "bank", "trees", "trees"),
    ("detail", "below"),
    ("air", "deck"),
)
GOOD_ENOUGH = 0.3
WATER_REACH = 9000.0
NEAR_KINDS = ("deck", "below", "detail")


@dataclass(frozen=True)
class Scene:
    """Solids, copies and plans of one bridge."""

    plan: BridgePlan
    bridge: Bridge
    terrain: Terrain
    buildings: Floats
    meshes: dict[str, Mesh]  # by material
    shapes: dict[str, dict[str, Mesh]]
    copies: dict[str, Floats]


@dataclass(frozen=True)
class Picture:
    """One picture of a bridge before it is rendered."""

    number: int
    view: View
    light: Light
    score: float


def build_scene(seed: int) -> Scene:
    """Build everything that does not depend on the camera."""
    plan = plan_bridge(seed)
    terrain = Terrain(plan)
    bridge = build_bridge(plan, terrain.height)
    buildings = town.blocks(plan, terrain)
    parts = Parts()
    town.add_blocks(parts, buildings, seed)
    town.add_roads(parts, plan)
    town.pavement(parts, plan, terrain)
    around = {f"around {name}": mesh for name, mesh in parts.meshes().items()}
    land = {"terrain": terrain.mesh(), "water": water()}
    return Scene(
        plan,
        bridge,
        terrain,
        buildings,
        bridge.meshes | around | land,
        nature.shapes(seed, plan.season == "winter")
        | banks.shapes(seed)
        | town.shapes()
        | people.shapes(),
        nature.scatter(plan, terrain)
        | banks.scatter(plan, terrain)
        | town.scatter(plan, terrain)
        | people.scatter(plan, terrain),
    )


def water() -> Mesh:
    """Return a flat sheet to the horizon."""
    builder = MeshBuilder()
    edge = np.array([-WATER_REACH, WATER_REACH])
    grid = np.stack(np.meshgrid(edge, edge, [0.0], indexing="ij"), axis=-1)[:, :, 0]
    builder.sheet(grid)
    return builder.mesh()


def compose_all(scene: Scene, count: int) -> list[Picture]:
    """Compose a bridge's pictures, each from another place."""
    pictures: list[Picture] = []
    for number in range(count):
        taken = [picture.view for picture in pictures]
        pictures.append(compose(scene, number, 0, count, taken))
    return pictures


def compose(
    scene: Scene, number: int, attempt: int, count: int, taken: list[View] | None = None
) -> Picture:
    """Choose camera and light for one picture; a further attempt gives another picture."""
    rng = np.random.default_rng([scene.plan.seed, 20 + number, attempt])
    name = light_names(scene.plan.seed, max(count, number + 1), len(TYPES))[number]
    kinds = kinds_for(scene.plan, number, rng)
    view, score = first_good(place_of(scene), kinds, taken or [], rng)
    winter = scene.plan.season == "winter"
    distance = float(np.linalg.norm(view.target - view.eye))
    light = make_light(name, view.heading, winter, distance, rng)
    return Picture(number, view, light, score)


def place_of(scene: Scene) -> Place:
    """Return what cameras have to reckon with."""
    samples = sample_bridge(scene.bridge)
    return Place(scene.plan, scene.bridge, scene.terrain, scene.buildings, samples)


def kinds_for(plan: BridgePlan, number: int, rng: np.random.Generator) -> list[str]:
    """Return the kinds of view to try for a picture, in a random order, and what always works."""
    suitable = places_for(plan)
    kinds = [k for k in KINDS_IN_TURN[number % len(KINDS_IN_TURN)] if k in suitable]
    return [*(str(kind) for kind in rng.permutation(kinds)), "bank", "air"]


def places_for(plan: BridgePlan) -> tuple[str, ...]:
    """Return the kinds of view that suit a type: a road alone is no picture of a bridge."""
    bare = (
        "beam",
        "box girder",
        "stone arch",
        "viaduct",
        "aqueduct",
        "steel deck arch",
        "concrete deck arch",
        "deck truss",
        "bascule",
        "swing",
        "covered",
    )
    left_out = {"deck"} if plan.type in bare else set()
    left_out |= {"trees"} if plan.setting in ("city", "harbour") else set()
    return tuple(kind for kind in KINDS if kind not in left_out)


def first_good(
    place: Place, kinds: list[str], taken: list[View], rng: np.random.Generator
) -> tuple[View, float]:
    """Return the first view that is good enough, or the best of all kinds."""
    found: list[tuple[View, float]] = []
    for kind in kinds:
        found.append(choose_view(place, kind, taken, rng))
        if found[-1][1] > GOOD_ENOUGH:
            break
    return max(found, key=lambda pair: pair[1])


def write_scene(scene: Scene, folder: Path) -> dict[str, Any]:
    """Write the solids as binary files; return the description that names them."""
    folder.mkdir(parents=True, exist_ok=True)
    meshes = [
        write_mesh(folder, name, name.removeprefix("around "), mesh)
        for name, mesh in scene.meshes.items()
    ]
    shapes = {
        name: [write_mesh(folder, f"{name} {m}", m, mesh) for m, mesh in parts.items()]
        for name, parts in scene.shapes.items()
    }
    copies = {n: rows.astype(np.float32).tolist() for n, rows in scene.copies.items() if len(rows)}
    materials = looks(scene.plan)
    return {
        "meshes": meshes,
        "shapes": shapes,
        "copies": copies,
        "materials": materials,
        "floods": town.floodlights(scene.plan).tolist(),
        "seed": scene.plan.seed,
    }


def write_mesh(folder: Path, name: str, material: str, mesh: Mesh) -> dict[str, Any]:
    """Write one mesh as little-endian arrays of floats and integers."""
    stem = name.replace(" ", "-")
    used = mesh.faces >= 0
    total = used.sum(axis=1)
    arrays = {
        "vertices": mesh.vertices.astype("<f4"),
        "corners": mesh.faces[used].astype("<i4"),
        "starts": (np.cumsum(total) - total).astype("<i4"),
        "totals": total.astype("<i4"),
        "uv": mesh.uv().astype("<f4"),
    }
    for kind, values in arrays.items():
        values.tofile(folder / f"{stem}.{kind}")
    return {"name": name, "material": material, "file": stem, "smooth": mesh.smooth}


def describe_picture(
    scene: Scene, picture: Picture, output: Path, longest: int, samples: int
) -> dict[str, Any]:
    """Return what Blender needs for one picture."""
    view = picture.view
    wide, high = view.size(longest)
    grass: list[list[float]] = []
    if view.kind in ("bank", "below", "trees") and scene.plan.setting not in ("city", "harbour"):
        ahead = view.target - view.eye
        seed = scene.plan.seed * 10 + picture.number
        grass = nature.grass_near(scene.plan, scene.terrain, view.eye, ahead, seed).tolist()
    # Blender takes a matrix that is given as lists column by column.
    return {
        "eye": view.eye.tolist(),
        "matrix": view.matrix().T.tolist(),
        "angle": view.angle,
        "width": wide,
        "height": high,
        "samples": samples + (picture.light.night > 0),  # lamps make more grain
        "output": str(output),
        "light": asdict(picture.light),
        "lamps": town.lamps_for(scene.bridge.lamps, view.eye, view.kind in NEAR_KINDS).tolist(),
        "hidden": hidden(scene, view),
        "grass": grass,
        "framing": framing(scene, picture),
        "seed": scene.plan.seed * 100 + picture.number,
    }


def framing(scene: Scene, picture: Picture) -> dict[str, list[list[float]]]:
    """Return trees to be added at the sides of a view through trees."""
    if picture.view.kind != "trees":
        return {}
    seed = scene.plan.seed * 10 + picture.number
    sort = (
        "conifer" if nature.CONIFERS.get(scene.plan.setting, 0.0) > seed % 10 / 10 else "broadleaf"
    )
    rows = framing_trees(place_of(scene), picture.view, seed)
    return {f"{sort}{picture.number % nature.SHAPES_EACH}": rows.tolist()}


def hidden(scene: Scene, view: View) -> dict[str, list[int]]:
    """Return the copies that would stand in the way of this view."""
    sizes = {
        "broadleaf": (4.0, 10.0),
        "conifer": (2.5, 14.0),
        "bush": (1.0, 1.5),
        "house": (7.0, 8.0),
        "rock": (1.2, 1.0),
        "boat": (5.0, 4.0),
        "car": (7.0, 1.6),
        "person": (0.5, 1.75),
        "reed": (0.8, 1.6),
        "driftwood": (1.5, 0.5),
        "pebbles": (0.8, 0.3),
    }
    return {
        name: in_the_way(view, rows, *sizes[name.rstrip("0123456789")]).tolist()
        for name, rows in scene.copies.items()
    }


def save_job(path: Path, scene: dict[str, Any], pictures: list[dict[str, Any]]) -> None:
    """Write the description of a scene and its pictures for the Blender side."""
    path.write_text(json.dumps({"scene": scene, "pictures": pictures}), encoding="utf-8")
