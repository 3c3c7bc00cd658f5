"""Sky and haze: the Nishita sky with clouds that its sun lights, and air of the same colour."""

import math
from pathlib import Path
from typing import Any

import bpy

from rendering.blender.nodes import Graph, Look

CLOSED = (0.62, 0.66, 0.72)  # an overcast sky's colour
NIGHT_TOP, NIGHT_LOW = (0.012, 0.020, 0.048, 1), (0.035, 0.045, 0.075, 1)
TOWN_GLOW = (0.22, 0.13, 0.075, 1)
CLOSED_STRENGTH = 0.55
SKY_STRENGTH = 0.1
STRIP = (64, 32)  # pixels of the plain sky that colours haze and clouds
DOME = (256, 128)  # pixels of the whole sky that lights surfaces and is mirrored
DISC = math.radians(0.9)  # the sun's diameter, somewhat larger than in nature


class Air:
    """The world's shader and the haze group; `set` gives both the light of one picture."""

    def __init__(self, folder: Path) -> None:
        self.group = bpy.data.node_groups.new("haze", "ShaderNodeTree")
        self.group.inputs.new("NodeSocketShader", "Shader")
        self.group.outputs.new("NodeSocketShader", "Shader")
        self.ripples: list[Any] = []  # sockets that follow the wind
        self.puddles: list[Any] = []  # sockets that follow the rain
        self.folder = folder
        self.horizon: Any = None
        self.dome: Any = None
        self.lookout = self.make_lookout()

    def wind(self, graph: Graph) -> Any:
        """Return a value that follows the wind of each picture."""
        return follower(graph, self.ripples)

    def rain(self, graph: Graph) -> Any:
        """Return a value that follows the wetness of each picture."""
        return follower(graph, self.puddles)

    def set(self, light: Look, eye: list[float]) -> None:
        """Rebuild the sky, look at its horizon, and colour the haze with what was seen."""
        self.light = light
        self.world(plain=True)
        self.horizon = self.look_around("horizon", STRIP, self.horizon)
        sky, dome = self.world(plain=False)
        self.dome = self.look_around("dome", DOME, self.dome)
        dome.image = self.dome
        if sky:
            sky.sun_disc = light["sun"] > 0
        self.haze(eye)
        for sockets, value in ((self.ripples, light["wind"]), (self.puddles, light["wet"])):
            for socket in sockets:
                socket.default_value = value

    def sky(self, graph: Graph, direction: Any) -> Any:
        """Return the node of the clear sky, without the sun's disc at first."""
        light = self.light
        sky = graph.add("ShaderNodeTexSky", {"Vector": direction}, sky_type="NISHITA")
        sky.sun_disc = False
        sky.sun_size = DISC
        sky.sun_elevation = math.radians(light["elevation"])
        sky.sun_rotation = math.pi / 2 - light["azimuth"]
        sky.dust_density = light["dust"]
        sky.air_density = 1.0
        sky.ozone_density = 3.0 if light["elevation"] < 5 else 1.0
        return sky

    def base(self, graph: Graph, direction: Any, sky: Any) -> Any:
        """Return the colour without clouds: clear, closed or at night."""
        light = self.light
        up = graph.add("ShaderNodeSeparateXYZ", {0: direction}).outputs[2]
        if light["grey"]:
            level = graph.math(
                "ADD", graph.math("MULTIPLY", graph.math("MAXIMUM", up, 0.0), 0.5), 0.75
            )
            closed = tuple(c * CLOSED_STRENGTH / SKY_STRENGTH for c in CLOSED)
            return graph.mix(1.0, (*closed, 1), level, "MULTIPLY")
        return self.dark(graph, direction, up) if light["night"] else sky.outputs[0]

    def dark(self, graph: Graph, direction: Any, up: Any) -> Any:
        """Return a night sky: nearly black above, the glow of towns below, and stars."""
        low = graph.mix(self.light["glow"], NIGHT_LOW, TOWN_GLOW)
        dome = graph.mix(graph.ramp(up, -0.05, 0.45), low, NIGHT_TOP)
        cells = graph.add("ShaderNodeTexVoronoi", {"Vector": direction, "Scale": 90.0})
        bright = graph.ramp(cells.outputs["Distance"], 0.06, 0.02)
        some = graph.add("ShaderNodeSeparateXYZ", {0: cells.outputs["Color"]}).outputs[0]
        some = graph.math("POWER", some, 6.0)
        star = graph.math("MULTIPLY", graph.math("MULTIPLY", bright, some), graph.ramp(up, 0, 0.4))
        star = graph.math("MULTIPLY", star, 1.2)
        return graph.mix(1.0, dome, graph.mix(star, (0, 0, 0, 1), (1, 0.95, 0.9, 1)), "ADD")

    def world(self, *, plain: bool) -> tuple[Any, Any]:
        """Build the sky, or only its plain part; return the nodes of clear sky and dome.

        Only the camera sees the clouds themselves, which are costly. Surfaces and mirrors get the
        small picture of them, and the sun's disc, which no small picture can hold.
        """
        world = bpy.data.worlds.get("sky") or bpy.data.worlds.new("sky")
        bpy.context.scene.world = world
        world.use_nodes = True
        world.cycles.sampling_method = "MANUAL"
        world.cycles.sample_map_resolution = 128
        graph = Graph(world.node_tree)
        direction = graph.add("ShaderNodeTexCoord").outputs["Generated"]
        sky = None if self.light["grey"] or self.light["night"] else self.sky(graph, direction)
        colour = self.base(graph, direction, sky)
        if plain:
            background = self.background(graph, colour, SKY_STRENGTH)
            graph.add("ShaderNodeOutputWorld", {"Surface": background})
            return sky, None
        seen = self.background(graph, self.clouds(graph, direction, colour), SKY_STRENGTH)
        dome = graph.add("ShaderNodeTexEnvironment", {"Vector": direction})
        felt = self.background(graph, dome.outputs[0], 1.0)
        if sky and self.light["sun"]:
            disc = self.background(graph, sky.outputs[0], SKY_STRENGTH)
            near = graph.math("GREATER_THAN", self.sunward(graph, direction), math.cos(DISC * 0.52))
            felt = graph.add("ShaderNodeMixShader", {0: near, 1: felt, 2: disc}).outputs[0]
        camera = graph.add("ShaderNodeLightPath").outputs["Is Camera Ray"]
        both = graph.add("ShaderNodeMixShader", {0: camera, 1: felt, 2: seen}).outputs[0]
        graph.add("ShaderNodeOutputWorld", {"Surface": both})
        return sky, dome

    def background(self, graph: Graph, colour: Any, strength: float) -> Any:
        """Return light from a colour."""
        return graph.add("ShaderNodeBackground", {"Color": colour, "Strength": strength}).outputs[0]

    def sunward(self, graph: Graph, direction: Any) -> Any:
        """Return the cosine of the angle between a direction and the sun."""
        high, turn = math.radians(self.light["elevation"]), self.light["azimuth"]
        sun = (math.cos(high) * math.cos(turn), math.cos(high) * math.sin(turn), math.sin(high))
        node = graph.add("ShaderNodeVectorMath", {0: direction, 1: sun}, operation="DOT_PRODUCT")
        return node.outputs["Value"]

    def clouds(self, graph: Graph, direction: Any, sky: Any) -> Any:
        """Lay clouds over the sky, bright towards the sun and grey below."""
        light = self.light
        parts = graph.add("ShaderNodeSeparateXYZ", {0: direction}).outputs
        up = graph.math("ADD", graph.math("MAXIMUM", parts[2], 0.0), 0.09)
        plane = graph.add(
            "ShaderNodeCombineXYZ",
            {
                0: graph.math("DIVIDE", parts[0], up),
                1: graph.math("DIVIDE", parts[1], up),
                2: light["cloud_seed"],
            },
        ).outputs[0]
        wide = graph.vector("MULTIPLY", plane, (0.55, 0.55, 1.0))
        thick = graph.noise(wide, 0.9, 8.0, 0.58)
        toward = (0.16 * math.cos(light["azimuth"]), 0.16 * math.sin(light["azimuth"]), 0.0)
        beyond = graph.noise(graph.vector("ADD", wide, toward), 0.9, 6.0, 0.58)
        edge = 0.66 - 0.28 * light["cover"]
        cover = graph.ramp(thick, edge, edge + 0.17)
        lit = graph.ramp(graph.math("SUBTRACT", thick, beyond), -0.13, 0.13)
        fade = graph.ramp(parts[2], 0.0, 0.09)
        if light["grey"]:
            tone = graph.math("ADD", graph.math("MULTIPLY", lit, 0.35), 0.78)
            return graph.mix(
                graph.math("MULTIPLY", fade, 1.0), sky, graph.mix(1.0, sky, tone, "MULTIPLY")
            )
        low = {"Vector": self.toward_sun(graph, direction)}
        glow = graph.add("ShaderNodeTexEnvironment", low, image=self.horizon).outputs[0]
        bright = graph.mix(1.0, glow, tint(1.5, 1.45, 1.4), "MULTIPLY")
        shade = graph.mix(1.0, glow, tint(0.62, 0.66, 0.74), "MULTIPLY")
        cloud = graph.mix(lit, shade, bright)
        dense = graph.math("MULTIPLY", graph.math("MULTIPLY", cover, fade), 0.85)
        return graph.mix(self.clear_of_sun(graph, direction, dense), sky, cloud)

    def toward_sun(self, graph: Graph, direction: Any) -> Any:
        """Return a low direction, turned somewhat to the sun: where clouds get their light."""
        flat = graph.vector("MULTIPLY", direction, (0.8, 0.8, 0.0))
        low = 0.24 if self.light["elevation"] > 20 else 0.1
        sun = (0.5 * math.cos(self.light["azimuth"]), 0.5 * math.sin(self.light["azimuth"]), low)
        return graph.vector("NORMALIZE", graph.vector("ADD", flat, sun))

    def clear_of_sun(self, graph: Graph, direction: Any, dense: Any) -> Any:
        """Thin the clouds before the sun, which would otherwise go out."""
        near = graph.ramp(self.sunward(graph, direction), 0.985, 0.9995)
        return graph.math("MULTIPLY", dense, graph.math("SUBTRACT", 1.0, near))

    def make_lookout(self) -> Any:
        """Return an empty scene that sees all of the sky; a sky in every material is slow."""
        scene = bpy.data.scenes.new("lookout")
        lens = bpy.data.cameras.new("lookout")
        lens.type = "PANO"
        lens.cycles.panorama_type = "EQUIRECTANGULAR"
        scene.camera = bpy.data.objects.new("lookout", lens)
        # Looking along +x with the vertical upright, as an environment texture expects it.
        scene.camera.rotation_euler = (math.pi / 2, 0.0, -math.pi / 2)
        scene.collection.objects.link(scene.camera)
        scene.render.engine = "CYCLES"
        scene.cycles.samples, scene.cycles.use_denoising = 1, False
        scene.render.threads_mode, scene.render.threads = "FIXED", 1
        scene.render.image_settings.file_format = "OPEN_EXR"
        return scene

    def look_around(self, name: str, size: tuple[int, int], old: Any) -> Any:
        """Render the sky as a small picture of all directions; it replaces an old one."""
        render = self.lookout.render
        self.lookout.world = bpy.context.scene.world
        render.resolution_x, render.resolution_y = size
        render.filepath = str(self.folder / f"{name}.exr")
        bpy.ops.render.render(write_still=True, scene=self.lookout.name)
        if old:
            bpy.data.images.remove(old)
        return bpy.data.images.load(render.filepath)

    def haze(self, eye: list[float]) -> None:
        """Build the haze: more with distance, less with height, in the colour of the sky behind."""
        graph = Graph(self.group)
        surface = graph.add("NodeGroupInput").outputs[0]
        where = graph.add("ShaderNodeNewGeometry").outputs["Position"]
        ray = graph.vector("SUBTRACT", where, tuple(eye))
        length = graph.add("ShaderNodeVectorMath", {0: ray}, operation="LENGTH").outputs["Value"]
        high = graph.add("ShaderNodeSeparateXYZ", {0: where}).outputs[2]
        thin = graph.math("POWER", 0.9958, graph.math("MAXIMUM", high, 0.0))
        depth = graph.math("MULTIPLY", graph.math("MULTIPLY", length, -self.light["haze"]), thin)
        factor = graph.math("SUBTRACT", 1.0, graph.math("EXPONENT", depth, None))
        flat = graph.vector("NORMALIZE", graph.vector("MULTIPLY", ray, (1.0, 1.0, 0.0)))
        low = graph.vector("NORMALIZE", graph.vector("ADD", flat, (0.0, 0.0, 0.07)))
        strip = graph.add("ShaderNodeTexEnvironment", {"Vector": low}, image=self.horizon)
        emission = graph.add("ShaderNodeEmission", {"Color": strip.outputs[0]})
        mixed = graph.add("ShaderNodeMixShader", {0: factor, 1: surface, 2: emission.outputs[0]})
        graph.add("NodeGroupOutput", {0: mixed.outputs[0]})


def tint(*colour: float) -> tuple[float, ...]:
    """Return a factor for colours of the rendered horizon, which is as dark as the background."""
    return (*(part / SKY_STRENGTH for part in colour), 1.0)


def follower(graph: Graph, sockets: list[Any]) -> Any:
    """Return a new value's socket, and remember it."""
    value = graph.add("ShaderNodeValue").outputs[0]
    sockets.append(value)
    return value
