"""A short way of writing Blender's shader graphs."""

from typing import Any

import bpy

Look = dict[str, Any]  # an entry of the job file


class Graph:
    """Nodes and links of one tree."""

    def __init__(self, tree: Any) -> None:
        self.tree = tree
        tree.nodes.clear()

    def add(self, kind: str, inputs: Any = None, **settings: Any) -> Any:
        """Add a node; inputs are values or other nodes' sockets by name or number."""
        node = self.tree.nodes.new(kind)
        for name, value in settings.items():
            setattr(node, name, value)
        for name, value in (inputs or {}).items():
            self.feed(node.inputs[name], value)
        return node

    def feed(self, socket: Any, value: Any) -> None:
        """Link a socket or set its value."""
        if isinstance(value, bpy.types.NodeSocket):
            self.tree.links.new(value, socket)
        else:
            socket.default_value = value

    def math(self, operation: str, first: Any, second: Any = 0.0) -> Any:
        """Return first (operation) second."""
        inputs = {0: first} if second is None else {0: first, 1: second}
        return self.add("ShaderNodeMath", inputs, operation=operation).outputs[0]

    def vector(self, operation: str, first: Any, second: Any = (0.0, 0.0, 0.0)) -> Any:
        """Return a vector operation's vector result."""
        inputs = {0: first, 1: second}
        return self.add("ShaderNodeVectorMath", inputs, operation=operation).outputs["Vector"]

    def mix(self, factor: Any, first: Any, second: Any, blend: str = "MIX") -> Any:
        """Return a mix of two colours."""
        inputs = {"Fac": factor, "Color1": first, "Color2": second}
        return self.add("ShaderNodeMixRGB", inputs, blend_type=blend).outputs[0]

    def ramp(self, value: Any, low: float, high: float) -> Any:
        """Return 0 below `low`, 1 above `high`, smooth between."""
        inputs = {"Value": value, "From Min": low, "From Max": high}
        node = self.add("ShaderNodeMapRange", inputs, interpolation_type="SMOOTHSTEP")
        return node.outputs[0]

    def noise(self, where: Any, scale: float, detail: float = 4.0, rough: Any = 0.55) -> Any:
        """Return fractal noise from 0 to 1."""
        inputs = {"Vector": where, "Scale": scale, "Detail": detail, "Roughness": rough}
        return self.add("ShaderNodeTexNoise", inputs).outputs["Fac"]


def rgba(colour: Any) -> Any:
    """Return a colour with full opacity."""
    return (*colour[:3], 1.0)
