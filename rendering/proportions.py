"""Rules of thumb for the proportions of bridges, with the books that discuss them.

Sources:
[ICE] ICE Manual of Bridge Engineering, 2nd ed. (2008)
[Podolny] Podolny and Scalzi, Construction and Design of Cable-Stayed Bridges, 2nd ed. (1986)
[Gimsing] Gimsing and Georgakis, Cable Supported Bridges, 3rd ed. (2012)
[Heyman] Heyman, The Masonry Arch (1982)
[Kasuga] Kasuga, Extradosed bridges in Japan, Structural Concrete 7 (2006)
[FHWA] Covered Bridge Manual, FHWA-HRT-04-098 (2005)
[Leonhardt] Leonhardt, Bridges: Aesthetics and Design (1982)
[Waddell] Waddell, Economics of Bridgework (1921), chapter on cantilevers, page 259
[Handbook] Chen and Duan, Bridge Engineering Handbook, 2nd ed. (2014)
[Koglin] Koglin, Movable Bridge Engineering (2003)
[Strasky] Strasky, Stress Ribbon and Cable-Supported Pedestrian Bridges (2005)
"""

from dataclasses import dataclass, field

Range = tuple[float, float]

STEEL_RAILINGS = ("rails", "bars", "lattice")
ROAD_RAILINGS = ("rails", "bars", "parapet")


@dataclass(frozen=True)
class Proportions:
    """Ranges for one type; ratios are parts of the main span."""

    span: Range
    depth: Range  # deck depth at midspan / span
    rise: Range  # arch rise, cable sag, truss depth or pylon height above the deck / span
    side: Range  # side span / main span
    clearance: Range  # road level above water / span
    width: Range
    materials: tuple[str, ...]
    variants: tuple[str, ...] = ("plain",)
    count: tuple[int, int] = (1, 1)  # main spans in a row
    approach: float = 0.0
    approaches: tuple[int, int] = (0, 1)  # on each side, the upper bound left out
    least_clearance: float = 6.0
    least_rise: float = 0.0
    rises: dict[str, Range] = field(default_factory=dict)  # where a variant differs
    clearances: dict[str, Range] = field(default_factory=dict)
    pylons: tuple[str, ...] = ("",)
    piers: tuple[str, ...] = ("columns",)
    railings: tuple[str, ...] = ROAD_RAILINGS
    lamps: tuple[str, ...] = ("masts", "masts", "masts", "none")

    def rise_of(self, variant: str) -> Range:
        """Return the range of rise / span for one variant."""
        return self.rises.get(variant, self.rise)

    def clearance_of(self, variant: str) -> Range:
        """Return the range of road level / span for one variant."""
        return self.clearances.get(variant, self.clearance)


PROPORTIONS: dict[str, Proportions] = {
    # Girders of constant depth: span / depth 18 to 25 [ICE, Leonhardt].
    "beam": Proportions(
        (26, 52),
        (1 / 25, 1 / 18),
        (0, 0),
        (0.75, 0.85),
        (0.2, 0.3),
        (9, 16),
        ("steel", "concrete"),
        ("plate girders", "concrete beams"),
        (1, 5),
        least_clearance=7,
        piers=("columns", "wall", "hammerhead", "three columns"),
    ),
    # Haunched boxes: span / 17 to 20 over the pier, span / 40 to 50 at midspan [Leonhardt].
    "box girder": Proportions(
        (80, 180),
        (1 / 50, 1 / 40),
        (1 / 20, 1 / 17),
        (0.6, 0.7),
        (0.16, 0.3),
        (11, 19),
        ("concrete",),
        ("haunched", "level"),
        (1, 4),
        rises={"level": (1 / 24, 1 / 21)},
        piers=("twin-leaf piers", "wall", "hammerhead"),
    ),
    # Rise / span 1/4 to 1/2, crown thickness near 1/15 to 1/25, piers 1/5 of the span [Heyman].
    "stone arch": Proportions(
        (9, 28),
        (1 / 25, 1 / 15),
        (0.28, 0.46),
        (0, 0),
        (0, 0),
        (6, 10),
        ("stone",),
        ("humped", "level", "low arches"),
        (1, 6),
        least_clearance=5,
        rises={"low arches": (0.2, 0.27)},
        railings=("parapet",),
        lamps=("none", "lanterns"),
    ),
    # Rise / span 1/5 to 1/6, deck about span / 60 as a tie [Leonhardt, ICE].
    "through arch": Proportions(
        (80, 250),
        (1 / 70, 1 / 55),
        (1 / 6, 1 / 5),
        (0, 0),
        (0.06, 0.09),
        (12, 19),
        ("steel", "concrete"),
        ("vertical hangers", "network hangers", "inclined ribs", "trussed ribs"),
        (1, 1),
        30.0,
        (1, 4),
        9,
        piers=("wall", "columns", "hammerhead"),
    ),
    # Rise from springing to crown / span 1/5 to 1/3.5, a deck in the arch's lower half
    # [Handbook, Leonhardt].
    "half-through arch": Proportions(
        (90, 260),
        (1 / 70, 1 / 55),
        (1 / 4.8, 1 / 3.6),
        (0, 0),
        (0, 0),
        (12, 18),
        ("steel", "concrete"),
        ("box ribs", "trussed ribs", "concrete ribs"),
        (1, 1),
        26.0,
        (1, 3),
        9,
        piers=("columns", "wall"),
    ),
    # Rise / span 1/4 to 1/6; spandrel columns every span / 10 to 1 / 14 [Leonhardt].
    "steel deck arch": Proportions(
        (80, 220),
        (1 / 60, 1 / 50),
        (1 / 5.5, 1 / 4),
        (0, 0),
        (0.36, 0.5),
        (10, 15),
        ("steel", "concrete"),
        ("trussed rib", "box rib"),
        (1, 1),
        24.0,
        (1, 3),
        railings=(*STEEL_RAILINGS, "parapet"),
    ),
    # The same, with heavier ribs of about span / 60 at the crown [Leonhardt].
    "concrete deck arch": Proportions(
        (70, 210),
        (1 / 60, 1 / 50),
        (1 / 5, 1 / 3.6),
        (0, 0),
        (0.36, 0.5),
        (9, 14),
        ("concrete",),
        ("twin ribs", "single rib", "spandrel arches"),
        (1, 1),
        22.0,
        (1, 3),
    ),
    # Depth / span 1/8 to 1/10, never less than the clear height over traffic [ICE].
    "through truss": Proportions(
        (58, 120),
        (1 / 60, 1 / 55),
        (1 / 9, 1 / 7.5),
        (0, 0),
        (0.1, 0.14),
        (8, 10.5),
        ("steel", "stone"),
        ("warren", "pratt", "curved pratt", "k", "warren with verticals", "curved k"),
        (1, 4),
        least_clearance=7,
        least_rise=7.5,
        piers=("stone", "columns"),
        railings=STEEL_RAILINGS,
    ),
    # Depth / span 1/8 to 1/12 under the road [ICE, Handbook].
    "deck truss": Proportions(
        (52, 115),
        (1 / 60, 1 / 55),
        (1 / 11, 1 / 8.5),
        (0, 0),
        (0.28, 0.42),
        (8, 13),
        ("steel", "concrete"),
        ("warren", "pratt", "warren with verticals", "k"),
        (1, 4),
        30.0,
        (1, 3),
        18,
        piers=("stone", "wall", "columns", "steel towers"),
        railings=(*STEEL_RAILINGS, "parapet"),
    ),
    # Posts over the piers about 0.15 of the main opening, a suspended span 1/5 to 1/7 as deep as
    # long, anchor arms never under 0.2 of the opening [Waddell].
    "cantilever truss": Proportions(
        (180, 400),
        (1 / 120, 1 / 90),
        (0.135, 0.17),
        (0.36, 0.5),
        (0.06, 0.09),
        (11, 19),
        ("steel", "stone"),
        ("k", "pratt", "warren with verticals"),
        (1, 1),
        34.0,
        (1, 3),
        17,
        piers=("stone", "wall"),
        railings=STEEL_RAILINGS,
    ),
    # Sag / span 1/9 to 1/11, side spans 0.2 to 0.5 of the main one [Gimsing].
    "suspension": Proportions(
        (260, 820),
        (1 / 160, 1 / 110),
        (1 / 11, 1 / 9),
        (0.27, 0.42),
        (0.065, 0.09),
        (17, 28),
        ("steel", "concrete"),
        ("box deck", "truss deck"),
        (1, 1),
        least_clearance=30,
        pylons=("portal towers", "braced towers", "art deco towers", "stone towers"),
        railings=STEEL_RAILINGS,
    ),
    # Pylon height / span 0.2 to 0.25, side spans 0.4 to 0.5, stays 8 to 15 m apart [Podolny];
    # from one pylon twice the height, as the span is half of a symmetrical one.
    "cable-stayed fan": Proportions(
        (140, 430),
        (1 / 140, 1 / 90),
        (0.21, 0.26),
        (0.4, 0.5),
        (0.07, 0.11),
        (16, 27),
        ("concrete", "steel"),
        ("two pylons", "one pylon"),
        (1, 1),
        least_clearance=16,
        rises={"one pylon": (0.36, 0.45)},
        pylons=("A", "H", "diamond", "single", "inverted Y"),
        piers=("wall", "columns"),
    ),
    # Parallel stays want slightly taller pylons: 0.22 to 0.28 [Podolny, Gimsing].
    "cable-stayed harp": Proportions(
        (130, 360),
        (1 / 120, 1 / 80),
        (0.22, 0.28),
        (0.4, 0.5),
        (0.07, 0.11),
        (16, 27),
        ("concrete", "steel"),
        ("two pylons", "one pylon"),
        (1, 1),
        least_clearance=16,
        rises={"one pylon": (0.38, 0.47)},
        pylons=("H", "single", "free masts", "leaning mast"),
        piers=("wall", "columns"),
    ),
    # Pylon height / span 1/8 to 1/12, side spans 0.5 to 0.7, deck span / 35 to 1 / 55 [Kasuga].
    "extradosed": Proportions(
        (90, 190),
        (1 / 45, 1 / 38),
        (1 / 11, 1 / 8),
        (0.55, 0.65),
        (0.1, 0.14),
        (15, 23),
        ("concrete", "steel"),
        ("fan", "harp"),
        (1, 4),
        least_clearance=11,
        pylons=("edge posts", "flared posts", "middle posts"),
        piers=("wall", "hammerhead"),
    ),
    # Leaf girders about 1/9 of the leaf at the trunnion and a third of that at the tip; raised
    # leaves stand at 65 to 80 degrees [Koglin]; none beyond 84 [Waddell, page 299].
    "bascule": Proportions(
        (22, 58),
        (1 / 32, 1 / 24),
        (1 / 12, 1 / 10),
        (0, 0),
        (0.2, 0.28),
        (10, 18),
        ("steel", "concrete"),
        ("double leaf", "raised double leaf", "single leaf", "raised single leaf"),
        (1, 1),
        22.0,
        (2, 5),
        8,
        piers=("wall", "columns", "hammerhead"),
        railings=STEEL_RAILINGS,
        lamps=("lanterns", "masts"),
    ),
    # Two equal arms; trusses 1/5 to 1/4 of an arm high over the pivot, plate girders 1/16 to
    # 1/12 deep [Koglin].
    "swing": Proportions(
        (26, 58),
        (1 / 40, 1 / 32),
        (1 / 4.5, 1 / 3.6),
        (0, 0),
        (0.12, 0.18),
        (7, 10),
        ("steel", "stone"),
        ("truss", "turned truss", "plate girder", "turned plate girder"),
        (2, 2),
        20.0,
        (1, 4),
        6,
        least_rise=7.5,
        rises={"plate girder": (1 / 16, 1 / 12), "turned plate girder": (1 / 16, 1 / 12)},
        piers=("wall", "stone", "columns"),
        railings=STEEL_RAILINGS,
        lamps=("lanterns", "none"),
    ),
    # Semicircular arches on slender piers, pier width span / 6 to 1/8 [Heyman].
    "viaduct": Proportions(
        (10, 18),
        (1 / 14, 1 / 12),
        (0.5, 0.5),
        (0, 0),
        (1.4, 2.4),
        (6, 8.5),
        ("stone",),
        ("straight piers", "tapered piers", "banded piers"),
        (7, 15),
        least_clearance=16,
        railings=("parapet",),
        lamps=("none",),
    ),
    # Tiers after the Pont du Gard; upper arches a half of the lower ones [Heyman].
    "aqueduct": Proportions(
        (12, 21),
        (1 / 14, 1 / 12),
        (0.5, 0.5),
        (0, 0),
        (1.75, 2.1),
        (4.5, 6),
        ("stone",),
        ("two tiers", "one tier", "three tiers"),
        (5, 10),
        least_clearance=14,
        clearances={"one tier": (1.15, 1.5), "three tiers": (2.2, 2.6)},
        railings=("parapet",),
        lamps=("none",),
    ),
    # Spans 15 to 45 m, housing about 5 to 6 m high [FHWA].
    "covered": Proportions(
        (18, 36),
        (1 / 40, 1 / 35),
        (0.17, 0.19),
        (0, 0),
        (0.16, 0.2),
        (5, 6.4),
        ("wood", "stone"),
        ("boarded", "open sides", "windows"),
        (1, 3),
        least_clearance=4,
        least_rise=4.6,
        railings=("",),
        lamps=("none",),
    ),
    # Light arches with a rise of span / 6 to 1/8 [ICE]; stress ribbons sag about span / 50, cables
    # span / 9 to 1/11; masts as for road bridges [Strasky].
    "footbridge": Proportions(
        (32, 84),
        (1 / 90, 1 / 65),
        (1 / 8, 1 / 6),
        (0, 0),
        (0.09, 0.12),
        (2.8, 4.8),
        ("steel", "wood"),
        ("tied arch", "stress ribbon", "suspension", "leaning arch", "cable-stayed", "arch below"),
        (1, 1),
        least_clearance=5,
        rises={
            "stress ribbon": (1 / 55, 1 / 45),
            "suspension": (1 / 11, 1 / 9),
            "cable-stayed": (0.36, 0.45),
            "arch below": (1 / 14, 1 / 11),
        },
        railings=("rails", "bars", "net"),
        lamps=("lanterns", "none", "lanterns"),
    ),
}
