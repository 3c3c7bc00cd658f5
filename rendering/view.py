"""One camera: where it stands, where it looks, and where points fall in its frame."""

from dataclasses import dataclass

import numpy as np

from rendering.mesh import UP, Floats

FORMATS = {"landscape": 3 / 2, "wide": 16 / 9, "portrait": 2 / 3, "panorama": 7 / 3}


@dataclass(frozen=True)
class View:
    """One camera: place, aim and lens."""

    kind: str
    format: str
    eye: Floats
    target: Floats
    angle: float  # horizontal field of view, radians

    @property
    def aspect(self) -> float:
        """Return width / height."""
        return FORMATS[self.format]

    @property
    def heading(self) -> float:
        """Return the direction of view in plan, radians from the x axis."""
        ahead = self.target - self.eye
        return float(np.arctan2(ahead[1], ahead[0]))

    def size(self, longest: int) -> tuple[int, int]:
        """Return pixels across and down; the longer side has `longest` of them."""
        scale = longest / max(self.aspect, 1.0)
        return round(scale * self.aspect / 2) * 2, round(scale / 2) * 2

    def axes(self) -> tuple[Floats, Floats, Floats]:
        """Return the unit vectors ahead, to the right and upwards."""
        ahead = (self.target - self.eye) / np.linalg.norm(self.target - self.eye)
        right = np.cross(ahead, UP)
        right /= np.linalg.norm(right)
        return ahead, right, np.cross(right, ahead)

    def matrix(self) -> Floats:
        """Return the camera's place in the world as a 4x4 matrix; it looks down its own -z."""
        ahead, right, up = self.axes()
        world = np.eye(4)
        world[:3] = np.stack([right, up, -ahead, self.eye], axis=1)
        return world

    def project(self, points: Floats) -> Floats:
        """Return (u, v, depth) of points; the frame is [-1, 1] in both u and v."""
        ahead, right, up = self.axes()
        away = points - self.eye
        depth = away @ ahead
        safe = np.where(np.abs(depth) < 1e-6, 1e-6, depth)
        half = np.tan(self.angle / 2)
        u = away @ right / safe / half
        v = away @ up / safe / half * self.aspect
        return np.stack([u, v, depth], axis=1)

    def resembles(self, other: "View") -> bool:
        """Say whether two pictures are taken from nearly the same place, the same way."""
        reach = min(np.linalg.norm(v.target - v.eye) for v in (self, other))
        moved = float(np.linalg.norm(self.eye - other.eye))
        turned = abs(np.angle(np.exp(1j * (self.heading - other.heading))))
        return moved < 0.22 * float(reach) and float(turned) < np.radians(25)
