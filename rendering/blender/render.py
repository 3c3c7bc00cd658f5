"""Builds one scene and renders its pictures: `blender --background --python render.py -- JOB`."""

import array
import json
import math
import sys
from pathlib import Path
from typing import Any

import bpy
from mathutils import Vector

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from rendering.blender.air import Air
from rendering.blender.materials import Materials
from rendering.blender.nodes import Look

AREA_LIGHT_WATTS = 260.0
FLOOD_WATTS = 4.0  # for each square metre of the distance squared
MOON_WATTS = 0.045


def main() -> None:
    """Render what the job file describes."""
    path = Path(sys.argv[sys.argv.index("--") + 1])
    job = json.loads(path.read_text(encoding="utf-8"))
    bpy.ops.wm.read_factory_settings(use_empty=True)
    air = Air(path.parent)
    stage = Stage(job["scene"], path.parent, air)
    set_up_cycles()
    for picture in job["pictures"]:
        stage.set(picture)
        bpy.ops.render.render(write_still=True)
        print("rendered", picture["output"], flush=True)


def read(path: Path, kind: str) -> Any:
    """Read a binary file of floats or integers."""
    values = array.array(kind)
    with path.open("rb") as file:
        values.fromfile(file, path.stat().st_size // values.itemsize)
    return values


class Stage:
    """The scene in Blender: what stays, and what changes from picture to picture."""

    def __init__(self, scene: Look, folder: Path, air: Air) -> None:
        self.air = air
        self.folder = folder
        self.scene = scene
        self.materials = Materials(scene["materials"], air)
        self.link = bpy.context.scene.collection.objects.link
        for mesh in scene["meshes"]:
            self.link(bpy.data.objects.new(mesh["name"], self.mesh(mesh)))
        self.shapes = {n: [self.mesh(m) for m in ms] for n, ms in scene["shapes"].items()}
        self.carriers = {n: self.carrier(n) for n in (*scene["copies"], "tuft0")}
        self.lamps: list[Any] = []
        self.floods = [self.flood(row) for row in scene["floods"]]
        self.moon = self.make_moon()
        self.camera = bpy.data.objects.new("camera", bpy.data.cameras.new("camera"))
        self.link(self.camera)
        bpy.context.scene.camera = self.camera

    def mesh(self, entry: Look) -> Any:
        """Read one mesh."""
        stem = str(self.folder / entry["file"])
        parts = {
            k: read(Path(f"{stem}.{k}"), t)
            for k, t in (
                ("vertices", "f"),
                ("corners", "i"),
                ("starts", "i"),
                ("totals", "i"),
                ("uv", "f"),
            )
        }
        mesh = bpy.data.meshes.new(entry["name"])
        mesh.vertices.add(len(parts["vertices"]) // 3)
        mesh.vertices.foreach_set("co", parts["vertices"])
        mesh.loops.add(len(parts["corners"]))
        mesh.loops.foreach_set("vertex_index", parts["corners"])
        mesh.polygons.add(len(parts["starts"]))
        mesh.polygons.foreach_set("loop_start", parts["starts"])
        mesh.polygons.foreach_set("loop_total", parts["totals"])
        mesh.polygons.foreach_set("use_smooth", [entry["smooth"]] * len(parts["starts"]))
        mesh.uv_layers.new(name="UVMap").data.foreach_set("uv", parts["uv"])
        mesh.materials.append(self.materials.made[entry["material"]])
        mesh.update(calc_edges=True)
        return mesh

    def carrier(self, name: str) -> Any:
        """Return one object that shows a copy of a shape on each face: many objects are slow."""
        carrier = bpy.data.objects.new(f"{name} copies", bpy.data.meshes.new(name))
        carrier.instance_type = "FACES"
        carrier.use_instance_faces_scale = True
        carrier.show_instancer_for_render = False
        self.link(carrier)
        for mesh in self.shapes[name]:
            thing = bpy.data.objects.new(name, mesh)
            thing.parent = carrier
            self.link(thing)
        return carrier

    def spread(self, name: str, rows: list[list[float]]) -> None:
        """Give a carrier one square face for each copy, turned and as large as the copy."""
        corners: list[tuple[float, float, float]] = []
        faces: list[tuple[int, ...]] = []
        for x, y, z, turn, size in rows:
            a, b = math.cos(turn) * size / 2, math.sin(turn) * size / 2
            faces.append(tuple(range(len(corners), len(corners) + 4)))
            corners += [(x - a + b, y - b - a, z), (x + a + b, y + b - a, z)]
            corners += [(x + a - b, y + b + a, z), (x - a - b, y - b + a, z)]
        mesh = bpy.data.meshes.new(name)
        mesh.from_pydata(corners, [], faces)
        old, self.carriers[name].data = self.carriers[name].data, mesh
        bpy.data.meshes.remove(old)

    def make_moon(self) -> Any:
        """Return a faint, bluish light from far away."""
        light = bpy.data.lights.new("moon", "SUN")
        light.energy, light.color, light.angle = MOON_WATTS, (0.62, 0.76, 1.0), 0.05
        thing = bpy.data.objects.new("moon", light)
        self.link(thing)
        return thing

    def lamp(self, place: Any) -> Any:
        """Hang a light below a lamp's head, which is only painted bright itself."""
        light = bpy.data.lights.new("lamp", "AREA")
        light.shape, light.size = "DISK", 1.6
        light.color = (1.0, 0.66, 0.34)
        thing = bpy.data.objects.new("lamp", light)
        thing.location = place
        thing.visible_camera = False
        self.link(thing)
        return thing

    def flood(self, row: list[float]) -> Any:
        """Shine a floodlight from a place at another; water does not mirror the fitting."""
        light = bpy.data.lights.new("flood", "AREA")
        light.shape, light.size, light.spread = "DISK", 3.0, math.radians(110)
        light.color = (1.0, 0.78, 0.52)
        thing = bpy.data.objects.new("flood", light)
        eye, aim = Vector(row[:3]), Vector(row[3:6])
        thing.location = eye
        thing.rotation_euler = (aim - eye).to_track_quat("-Z", "Y").to_euler()
        thing["watts"] = FLOOD_WATTS * (aim - eye).length_squared
        thing.visible_camera = thing.visible_glossy = False
        self.link(thing)
        return thing

    def set(self, picture: Look) -> None:
        """Prepare one picture: sky, lamps, camera, and what must not stand in its way."""
        light = picture["light"]
        self.air.set(light, picture["eye"])
        self.materials.light_up(light["lamps"])
        self.hang_lamps(picture["lamps"], light["lamps"])
        for flood in self.floods:
            flood.hide_render = not light["night"]
            flood.data.energy = flood["watts"] * light["night"]
        self.moon.hide_render = not light["night"]
        self.moon.rotation_euler = (
            math.pi / 2 - math.radians(light["elevation"]),
            0.0,
            light["azimuth"] + math.pi / 2,
        )
        for name, rows in self.scene["copies"].items():
            away = set(picture["hidden"].get(name, ()))
            kept = [row for index, row in enumerate(rows) if index not in away]
            self.spread(name, kept + picture["framing"].get(name, []))
        self.spread("tuft0", picture["grass"])
        self.aim(picture)

    def hang_lamps(self, places: Any, strength: float) -> None:
        """Move the lamps' lights to the places of this picture and put out the others."""
        while len(self.lamps) < len(places):
            self.lamps.append(self.lamp(places[len(self.lamps)]))
        for number, lamp in enumerate(self.lamps):
            lamp.hide_render = strength == 0 or number >= len(places)
            lamp.data.energy = AREA_LIGHT_WATTS * strength
            lamp.location = places[min(number, len(places) - 1)]

    def aim(self, picture: Look) -> None:
        """Place the camera and set the frame."""
        self.camera.matrix_world = picture["matrix"]
        lens = self.camera.data
        lens.sensor_fit, lens.angle = "HORIZONTAL", picture["angle"]
        lens.clip_start, lens.clip_end = 0.1, 30000.0
        render = bpy.context.scene.render
        render.resolution_x, render.resolution_y = picture["width"], picture["height"]
        render.filepath = picture["output"]
        bpy.context.scene.cycles.samples = picture["samples"]
        bpy.context.scene.cycles.seed = picture["seed"]


def set_up_cycles() -> None:
    """Choose the path tracer's settings: few bounces, no denoiser of its own, uncompressed EXR."""
    scene = bpy.context.scene
    scene.render.engine = "CYCLES"
    scene.render.threads_mode, scene.render.threads = "FIXED", 1
    scene.render.use_persistent_data = True
    cycles = scene.cycles
    cycles.device = "CPU"
    cycles.use_denoising = False
    cycles.use_adaptive_sampling = False
    cycles.max_bounces, cycles.diffuse_bounces, cycles.glossy_bounces = 2, 1, 1
    cycles.sample_clamp_indirect, cycles.sample_clamp_direct = 4.0, 60.0
    cycles.caustics_reflective = cycles.caustics_refractive = False
    scene.view_layers[0].cycles.denoising_store_passes = True
    image = scene.render.image_settings
    image.file_format, image.exr_codec, image.color_depth = "OPEN_EXR_MULTILAYER", "NONE", "32"


main()
