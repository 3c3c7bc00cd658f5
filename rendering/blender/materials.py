"""Materials by kind, each ending in haze that takes its colour from the sky."""

from typing import Any

import bpy

from rendering.blender.air import Air
from rendering.blender.nodes import Graph, Look, rgba

SNOW = (0.82, 0.85, 0.9, 1.0)
PLAIN_BY_BOUNCE = ("surface", "masonry", "boards", "terrain", "leaf")


class Materials:
    """All materials of one scene; `air` is the group that lays haze over them."""

    def __init__(self, looks: dict[str, Look], air: Air) -> None:
        self.air = air
        self.glows: list[tuple[Any, float]] = []  # (strength socket, share of the lamps' strength)
        self.made = {name: self.make(name, look) for name, look in looks.items()}

    def make(self, name: str, look: Look) -> Any:
        """Build one material."""
        material = bpy.data.materials.new(name)
        material.use_nodes = True
        material.cycles.sample_as_light = False
        graph = Graph(material.node_tree)
        shader = getattr(self, look["kind"])(graph, look)
        if look["kind"] in PLAIN_BY_BOUNCE:
            shader = self.plain_by_bounce(graph, look, shader)
        haze = graph.add("ShaderNodeGroup")
        haze.node_tree = self.air.group
        graph.feed(haze.inputs["Shader"], shader)
        graph.add("ShaderNodeOutputMaterial", {"Surface": haze.outputs["Shader"]})
        return material

    def plain_by_bounce(self, graph: Graph, look: Look, shader: Any) -> Any:
        """Show one even colour to light that was scattered before: nobody sees the texture then."""
        white = 0.7 * look.get("snow", 0.0)
        even = [
            c * 0.85 * (1 - white) + white * s
            for c, s in zip(look["colour"], SNOW[:3], strict=True)
        ]
        flat = graph.add("ShaderNodeBsdfDiffuse", {"Color": rgba(even)}).outputs[0]
        scattered = graph.add("ShaderNodeLightPath").outputs["Is Diffuse Ray"]
        return graph.add("ShaderNodeMixShader", {0: scattered, 1: shader, 2: flat}).outputs[0]

    def light_up(self, lamps: float) -> None:
        """Set the strength of everything that glows."""
        for socket, share in self.glows:
            socket.default_value = lamps * share

    def principled(
        self, graph: Graph, colour: Any, rough: Any, normal: Any = None, metal: float = 0.0
    ) -> Any:
        """Return a plain surface."""
        inputs = {"Base Color": colour, "Roughness": rough, "Metallic": metal, "Specular": 0.35}
        if normal is not None:
            inputs["Normal"] = normal
        return graph.add("ShaderNodeBsdfPrincipled", inputs).outputs[0]

    def weathered(self, graph: Graph, look: Look, colour: Any) -> Any:
        """Return a colour with stains, streaks that run down, and snow on what faces up."""
        place = graph.add("ShaderNodeNewGeometry")
        where = place.outputs["Position"]
        dirt = look.get("dirt", 0.15)
        blotch = graph.noise(where, 0.35, 4.0, 0.65)
        dark = graph.math("MULTIPLY", graph.ramp(blotch, 0.45, 0.75), dirt * 0.45)
        colour = graph.mix(dark, colour, (0.05, 0.045, 0.035, 1), "MIX")
        tall = graph.vector("MULTIPLY", where, (1.1, 1.1, 0.07))
        streak = graph.math(
            "MULTIPLY", graph.ramp(graph.noise(tall, 1.0, 3.0), 0.5, 0.78), dirt * 0.5
        )
        colour = graph.mix(streak, colour, (0.06, 0.055, 0.045, 1), "MIX")
        return self.snowed(graph, look, colour, place)

    def snowed(self, graph: Graph, look: Look, colour: Any, place: Any) -> Any:
        """Lay snow on a colour where the surface faces up."""
        if not look.get("snow"):
            return colour
        up = graph.add("ShaderNodeSeparateXYZ", {0: place.outputs["Normal"]}).outputs[2]
        patch = graph.noise(place.outputs["Position"], 0.5)
        cover = graph.ramp(graph.math("ADD", up, graph.math("MULTIPLY", patch, 0.5)), 0.75, 1.0)
        return graph.mix(graph.math("MULTIPLY", cover, look["snow"]), colour, SNOW)

    def surface(self, graph: Graph, look: Look) -> Any:
        """Concrete, steel, asphalt, rock: one colour, weathered."""
        colour = self.weathered(graph, look, rgba(look["colour"]))
        normal = None
        if look.get("bump"):
            where = graph.add("ShaderNodeNewGeometry").outputs["Position"]
            normal = self.bumped(graph, graph.noise(where, 2.2, 4.0, 0.7), look["bump"], 0.12)
        rough: Any = look["rough"]
        if look.get("wets"):
            colour, rough = self.rained_on(graph, look, colour)
        return self.principled(graph, colour, rough, normal, look.get("metal", 0.0))

    def rained_on(self, graph: Graph, look: Look, colour: Any) -> tuple[Any, Any]:
        """Return colour and roughness of what darkens and shines after rain, with puddles."""
        place = graph.add("ShaderNodeNewGeometry")
        up = graph.add("ShaderNodeSeparateXYZ", {0: place.outputs["Normal"]}).outputs[2]
        rain = graph.math("MULTIPLY", self.air.rain(graph), graph.ramp(up, 0.3, 0.9))
        pool = graph.ramp(graph.noise(place.outputs["Position"], 0.45, 3.0), 0.42, 0.6)
        dark = graph.math("MULTIPLY", rain, 0.5)
        colour = graph.mix(dark, colour, (0.004, 0.004, 0.005, 1))
        soaked = graph.math("ADD", graph.math("MULTIPLY", pool, 0.55), 0.42)
        shine = graph.math("MULTIPLY", rain, soaked)
        rough = graph.math("SUBTRACT", look["rough"], graph.math("MULTIPLY", shine, look["wets"]))
        return colour, rough

    def bumped(self, graph: Graph, height: Any, strength: Any, distance: float) -> Any:
        """Return a normal bent by a height."""
        inputs = {"Height": height, "Strength": strength, "Distance": distance}
        return graph.add("ShaderNodeBump", inputs).outputs[0]

    def masonry(self, graph: Graph, look: Look) -> Any:
        """Courses of stone or brick, every one a little different."""
        wide, high = look["size"]
        base = look["colour"]
        light = rgba([min(1, c * 1.3) for c in base])
        uv = graph.add("ShaderNodeUVMap").outputs[0]
        wobble = graph.add("ShaderNodeTexNoise", {"Vector": uv, "Scale": 1.2}).outputs["Color"]
        uv = graph.vector("ADD", uv, graph.vector("MULTIPLY", wobble, (0.1, 0.05, 0)))
        brick = graph.add(
            "ShaderNodeTexBrick",
            {
                "Vector": uv,
                "Color1": rgba([c * 0.72 for c in base]),
                "Color2": light,
                "Mortar": rgba([c * 0.5 + 0.03 for c in base]),
                "Scale": 1.0,
                "Mortar Size": high * 0.07,
                "Brick Width": wide,
                "Row Height": high,
            },
        )
        colour = self.weathered(graph, {**look, "dirt": 0.95}, brick.outputs["Color"])
        colour = self.wet(graph, colour)
        rough = graph.noise(graph.add("ShaderNodeNewGeometry").outputs["Position"], 3.0, 4.0, 0.7)
        height = graph.math("SUBTRACT", rough, graph.math("MULTIPLY", brick.outputs["Fac"], 0.7))
        return self.principled(graph, colour, 0.9, self.bumped(graph, height, 0.6, 0.08))

    def wet(self, graph: Graph, colour: Any) -> Any:
        """Darken what the water reaches."""
        where = graph.add("ShaderNodeNewGeometry").outputs["Position"]
        high = graph.add("ShaderNodeSeparateXYZ", {0: where}).outputs[2]
        high = graph.math("ADD", high, graph.math("MULTIPLY", graph.noise(where, 0.8), 0.8))
        return graph.mix(graph.ramp(high, 0.5, 1.3), (0.035, 0.04, 0.025, 1), colour)

    def boards(self, graph: Graph, look: Look) -> Any:
        """Upright boards with dark gaps."""
        uv = graph.add("ShaderNodeUVMap").outputs[0]
        across = graph.add("ShaderNodeSeparateXYZ", {0: uv}).outputs[0]
        part = graph.math("FRACT", graph.math("MULTIPLY", across, 4.0))
        number = graph.math("FLOOR", graph.math("MULTIPLY", across, 4.0))
        tone = graph.add("ShaderNodeTexWhiteNoise", {"W": number}, noise_dimensions="1D")
        shade = graph.math("ADD", graph.math("MULTIPLY", tone.outputs["Value"], 0.5), 0.7)
        colour = graph.mix(1.0, rgba(look["colour"]), shade, "MULTIPLY")
        gap = graph.ramp(graph.math("ABSOLUTE", graph.math("SUBTRACT", part, 0.5)), 0.42, 0.48)
        colour = graph.mix(gap, colour, (0.01, 0.008, 0.006, 1))
        return self.principled(graph, self.weathered(graph, {"dirt": 0.7}, colour), 0.85)

    def terrain(self, graph: Graph, look: Look) -> Any:
        """Grass on gentle slopes, rock on steep ones, gravel at the water, snow in winter."""
        place = graph.add("ShaderNodeNewGeometry")
        where = place.outputs["Position"]
        up = graph.add("ShaderNodeSeparateXYZ", {0: place.outputs["Normal"]}).outputs[2]
        high = graph.add("ShaderNodeSeparateXYZ", {0: where}).outputs[2]
        base = look["colour"]
        patch = graph.noise(where, 0.035, 6.0, 0.65)
        dry = rgba([base[0] * 1.35 + 0.03, base[1] * 1.02 + 0.01, base[2] * 1.1])
        green = graph.mix(graph.ramp(patch, 0.4, 0.65), rgba(base), dry)
        if look["field"]:
            green = self.fields(graph, where, green)
        if look["city"]:
            park = graph.ramp(graph.noise(where, 0.012, 2.0), 0.5, 0.53)
            green = graph.mix(park, green, (0.080, 0.105, 0.042, 1))
        fine = graph.noise(where, 1.7, 5.0, 0.75)
        rough, least = (0.3, 0.85) if look["city"] else (1.1, 0.45)
        shade = graph.math("ADD", graph.math("MULTIPLY", fine, rough), least)
        green = graph.mix(1.0, green, shade, "MULTIPLY")
        rock = graph.mix(1.0, rgba(look["rock"]), graph.math("ADD", fine, 0.45), "MULTIPLY")
        steep = graph.math("ADD", up, graph.math("MULTIPLY", patch, 0.22))
        colour = graph.mix(graph.ramp(steep, 0.85, 0.97), rock, green)
        edge = graph.math("ADD", high, graph.math("MULTIPLY", fine, 1.2))
        gravel = (0.17, 0.15, 0.12, 1)
        colour = graph.mix(graph.ramp(edge, 1.1, 1.9), gravel, colour)
        peak = graph.ramp(graph.math("ADD", high, graph.math("MULTIPLY", patch, 90)), 300, 380)
        colour = graph.mix(graph.math("MULTIPLY", peak, graph.ramp(up, 0.6, 0.8)), colour, SNOW)
        colour = self.snowed(graph, {"snow": look["snow"] * 0.96}, colour, place)
        return self.principled(graph, colour, 0.95, self.bumped(graph, fine, 0.5, 0.35))

    def fields(self, graph: Graph, where: Any, green: Any) -> Any:
        """Divide open country into fields of different crops."""
        flat = graph.vector("MULTIPLY", where, (1.0, 1.0, 0.0))
        inputs = {"Vector": flat, "Scale": 0.007}
        cell = graph.add("ShaderNodeTexVoronoi", inputs, distance="CHEBYCHEV").outputs["Color"]
        pick = graph.add("ShaderNodeSeparateXYZ", {0: cell}).outputs
        crop = graph.mix(pick[0], (0.24, 0.20, 0.075, 1), (0.075, 0.13, 0.03, 1))
        return graph.mix(graph.ramp(pick[1], 0.4, 0.45), green, crop)

    def leaf(self, graph: Graph, look: Look) -> Any:
        """Leaves let some light through."""
        place = graph.add("ShaderNodeNewGeometry")
        random = graph.add("ShaderNodeObjectInfo").outputs["Random"]
        tone = graph.math("ADD", graph.math("MULTIPLY", random, 0.7), 0.65)
        each = graph.math(
            "ADD", graph.math("MULTIPLY", graph.noise(place.outputs[0], 1.5), 0.8), 0.6
        )
        colour = graph.mix(
            1.0, rgba(look["colour"]), graph.math("MULTIPLY", tone, each), "MULTIPLY"
        )
        if look.get("snow"):
            patch = graph.ramp(graph.noise(place.outputs["Position"], 0.9), 0.42, 0.58)
            colour = graph.mix(graph.math("MULTIPLY", patch, look["snow"] * 1.3), colour, SNOW)
        solid = graph.add("ShaderNodeBsdfDiffuse", {"Color": colour}).outputs[0]
        through = graph.add("ShaderNodeBsdfTranslucent", {"Color": colour}).outputs[0]
        return graph.add("ShaderNodeMixShader", {0: 0.35, 1: solid, 2: through}).outputs[0]

    def water(self, graph: Graph, look: Look) -> Any:
        """Dark water with ripples that calm down with distance."""
        where = graph.add("ShaderNodeNewGeometry").outputs["Position"]
        far = graph.add("ShaderNodeCameraData").outputs["View Distance"]
        calm = graph.math("DIVIDE", 1.0, graph.math("ADD", graph.math("DIVIDE", far, 260.0), 1.0))
        small = graph.noise(graph.vector("MULTIPLY", where, (1.0, 0.45, 1)), 1.3, 3.0, 0.6)
        large = graph.noise(graph.vector("MULTIPLY", where, (0.6, 1.0, 1)), 0.16, 3.0, 0.5)
        gust = graph.ramp(graph.noise(where, 0.011, 3.0), 0.35, 0.7)
        height = graph.math("ADD", graph.math("MULTIPLY", small, 0.35), large)
        strength = graph.math("MULTIPLY", graph.math("ADD", gust, 0.35), calm)
        strength = graph.math("MULTIPLY", strength, self.air.wind(graph))
        normal = self.bumped(graph, height, strength, 0.55)
        body = graph.add("ShaderNodeBsdfDiffuse", {"Color": rgba(look["colour"])}).outputs[0]
        rough = graph.math("ADD", 0.03, graph.math("MULTIPLY", gust, 0.07))
        inputs = {"Color": (0.95, 0.97, 1, 1), "Roughness": rough, "Normal": normal}
        mirror = graph.add("ShaderNodeBsdfGlossy", inputs).outputs[0]
        fresnel = graph.add("ShaderNodeFresnel", {"IOR": 1.34, "Normal": normal}).outputs[0]
        return graph.add("ShaderNodeMixShader", {0: fresnel, 1: body, 2: mirror}).outputs[0]

    def facade(self, graph: Graph, look: Look) -> Any:
        """Walls with rows of windows, some of them lit at night."""
        wide, high = look["size"]
        uv = graph.add("ShaderNodeUVMap").outputs[0]
        cell = graph.vector("DIVIDE", uv, (wide, high, 1.0))
        part = graph.add("ShaderNodeSeparateXYZ", {0: graph.vector("FRACTION", cell)}).outputs
        inside = [
            graph.math("LESS_THAN", graph.math("ABSOLUTE", graph.math("SUBTRACT", p, 0.5)), h)
            for p, h in ((part[0], 0.33), (part[1], 0.29))
        ]
        up = graph.add("ShaderNodeNewGeometry").outputs["Normal"]
        flat = graph.math("ABSOLUTE", graph.add("ShaderNodeSeparateXYZ", {0: up}).outputs[2])
        window = graph.math(
            "MULTIPLY", graph.math("MULTIPLY", *inside), graph.math("LESS_THAN", flat, 0.5)
        )
        number = graph.vector("FLOOR", cell)
        random = graph.add("ShaderNodeTexWhiteNoise", {"Vector": number}, noise_dimensions="2D")
        wall = self.weathered(graph, {"dirt": 0.4}, rgba(look["colour"]))
        wall = self.principled(graph, wall, 0.85)
        glass = self.principled(graph, (0.03, 0.04, 0.05, 1), 0.08)
        lit = graph.math("GREATER_THAN", random.outputs["Value"], 0.62)
        warm = graph.mix(random.outputs["Value"], (1, 0.55, 0.2, 1), (1, 0.8, 0.55, 1))
        strength = self.glow_strength(graph, 0.22)
        inputs = {"Color": warm, "Strength": graph.math("MULTIPLY", lit, strength)}
        glow = graph.add("ShaderNodeEmission", inputs).outputs[0]
        pane = graph.add("ShaderNodeAddShader", {0: glass, 1: glow}).outputs[0]
        return graph.add("ShaderNodeMixShader", {0: window, 1: wall, 2: pane}).outputs[0]

    def pane(self, graph: Graph, look: Look) -> Any:
        """Window glass that glows when lamps burn."""
        glass = self.principled(graph, rgba(look["colour"]), 0.1)
        inputs = {"Color": (1, 0.62, 0.28, 1), "Strength": self.glow_strength(graph, 0.3)}
        glow = graph.add("ShaderNodeEmission", inputs).outputs[0]
        return graph.add("ShaderNodeAddShader", {0: glass, 1: glow}).outputs[0]

    def glow(self, graph: Graph, look: Look) -> Any:
        """Lamp heads."""
        case = self.principled(graph, (0.5, 0.5, 0.48, 1), 0.5)
        inputs = {"Color": rgba(look["colour"]), "Strength": self.glow_strength(graph, 60.0)}
        glow = graph.add("ShaderNodeEmission", inputs).outputs[0]
        return graph.add("ShaderNodeAddShader", {0: case, 1: glow}).outputs[0]

    def glow_strength(self, graph: Graph, share: float) -> Any:
        """Return a value that follows the lamps."""
        value = graph.add("ShaderNodeValue")
        self.glows.append((value.outputs[0], share))
        return value.outputs[0]
