"""Plane trusses: chords, web members and joints, and the bracing between two of them."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from rendering.mesh import Floats, Parts, vec

PLATE = 0.06  # thickness of gusset plates, metres


@dataclass(frozen=True)
class Frame:
    """The panel points of one plane truss and how they are joined."""

    low: Floats  # (n + 1, 3)
    top: Floats  # (n + 1, 3)
    web: str  # warren, warren with verticals, pratt or k
    fall: npt.NDArray[np.bool_]  # (n,) whether a panel's diagonal falls towards positive x
    sloped: bool  # whether the first and last members slope up from the lower chord

    @property
    def inner(self) -> slice:
        """Return which points have an upper chord above them."""
        return slice(1, -1) if self.sloped else slice(None)

    def moved(self, y: float) -> "Frame":
        """Return the same truss beside the bridge's axis."""
        return replace(self, low=self.low + vec(0, y, 0), top=self.top + vec(0, y, 0))


def add_plane(parts: Parts, frame: Frame, heavy: float, light: float) -> None:
    """Add chords, end posts, web members and gusset plates of one truss."""
    steel = parts["paint"]
    low, top = frame.low, frame.top[frame.inner]
    steel.beams(low[:-1], low[1:], heavy * 0.8, heavy)
    steel.beams(top[:-1], top[1:], heavy, heavy)
    ends = [0, -1]
    steel.beams(low[ends], top[ends], heavy, heavy)
    if frame.web != "warren":
        steel.beams(frame.low[1:-1], frame.top[1:-1], light, light)
    start, end = diagonals(frame)
    steel.beams(start, end, light, light * 0.8)
    for point in (*low, *top):
        steel.box(point, [heavy * 2.4, heavy + PLATE, heavy * 1.9])


def diagonals(frame: Frame) -> tuple[Floats, Floats]:
    """Return both ends of all diagonals."""
    count = len(frame.fall)
    panels = range(1, count - 1) if frame.sloped else range(count)
    low, top = frame.low, frame.top
    middle = (low + top) / 2
    pairs: list[tuple[Floats, Floats]] = []
    for i in panels:
        falls = bool(frame.fall[i])
        if frame.web == "k":
            near, far = (i, i + 1) if falls else (i + 1, i)
            pairs += [(top[near], middle[far]), (low[near], middle[far])]
        elif frame.web == "pratt":
            pairs.append((top[i], low[i + 1]) if falls else (low[i], top[i + 1]))
        else:
            pairs.append((top[i], low[i + 1]) if i % 2 else (low[i], top[i + 1]))
    return np.array([a for a, _ in pairs]), np.array([b for _, b in pairs])


def add_ties(parts: Parts, frame: Frame, aside: float, light: float, least: Floats) -> None:
    """Tie two trusses with floor beams, wind bracing and portals above the height `least`."""
    steel = parts["paint"]
    low, top = frame.low, frame.top[frame.inner]
    left, right = vec(0, -aside, 0), vec(0, aside, 0)
    steel.beams(low + left, low + right, 0.4, 0.9)
    free = np.flatnonzero((top[:, 2] > least[frame.inner]) | np.isinf(least[frame.inner]))
    if not len(free):
        return
    steel.beams(top[free] + left, top[free] + right, light, light * 1.4)
    both = free[:-1][np.diff(free) == 1]
    steel.beams(top[both] + left, top[both + 1] + right, light * 0.6, light * 0.6)
    steel.beams(top[both] + right, top[both + 1] + left, light * 0.6, light * 0.6)
    if np.isinf(least).all():
        return
    room = top[free, 2] - least[frame.inner][free]
    drop = np.minimum(np.maximum(room * 0.8, 0.8), 6.0)[:, None] * vec(0, 0, -1.0)
    steel.beams(top[free] + left + drop, top[free] + right + drop, light * 0.7, light)
    knee = drop * 0.6
    for side in (left, right):
        steel.beams(
            top[free] + side + drop + knee, top[free] + drop + side * 0.55, light * 0.6, light
        )
        steel.beams(top[free] + side + drop, top[free] - side, light * 0.5, light * 0.5)


def across_panels(parts: Parts, frame: Frame, aside: float, light: float) -> None:
    """Add crosses between two trusses under a road, at every second panel point."""
    low, top = frame.low[::2], frame.top[::2]
    left, right = vec(0, -aside, 0), vec(0, aside, 0)
    parts["paint"].beams(low + left, top + right, light, light)
    parts["paint"].beams(low + right, top + left, light, light)
