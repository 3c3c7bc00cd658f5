"""Rules of thumb for the proportions of bridges, with the books that discuss them.

Sources:
[ICE] ICE Manual of Bridge Engineering, 2nd ed. (2008)
[Podolny] Podolny and Scalzi, Construction and Design of Cable-Stayed Bridges, 2nd ed. (1986)
[Gimsing] Gimsing and Georgakis, Cable Supported Bridges, 3rd ed. (2012)
[Heyman] Heyman, The Masonry Arch (1982)
[Kasuga] Kasuga, Extradosed bridges in Japan, Structural Concrete 7 (2006)
[FHWA] Covered Bridge Manual, FHWA-HRT-04-098 (2005)
[Leonhardt] Leonhardt, Bridges: Aesthetics and Design (1982)
"""

from dataclasses import dataclass

Range = tuple[float, float]


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
    approaches: tuple[int, int] = (0, 1)
    least_clearance: float = 6.0
    least_rise: float = 0.0


PROPORTIONS: dict[str, Proportions] = {
    # Girders of constant depth: span / depth 18 to 25 [ICE, Leonhardt].
    "beam": Proportions(
        (28, 48),
        (1 / 25, 1 / 18),
        (0, 0),
        (0.75, 0.8),
        (0.2, 0.3),
        (10, 14),
        ("steel", "concrete"),
        ("plate girders", "concrete beams"),
        (1, 4),
        least_clearance=7,
    ),
    # Haunched boxes: span / 17 to 20 over the pier, span / 40 to 50 at midspan [Leonhardt].
    "box girder": Proportions(
        (80, 170),
        (1 / 50, 1 / 40),
        (1 / 20, 1 / 17),
        (0.6, 0.7),
        (0.16, 0.3),
        (12, 17),
        ("concrete",),
        ("twin-leaf piers", "wall piers"),
        (1, 3),
    ),
    # Rise / span 1/4 to 1/2, crown thickness near 1/15 to 1/25, piers 1/5 of the span [Heyman].
    "stone arch": Proportions(
        (11, 26),
        (1 / 25, 1 / 15),
        (0.28, 0.46),
        (0, 0),
        (0, 0),
        (6, 9),
        ("stone",),
        ("humped", "level"),
        (1, 5),
        least_clearance=5,
    ),
    # Rise / span 1/5 to 1/6, deck about span / 60 as a tie [Leonhardt, ICE].
    "through arch": Proportions(
        (90, 240),
        (1 / 70, 1 / 55),
        (1 / 6, 1 / 5),
        (0, 0),
        (0.06, 0.09),
        (13, 18),
        ("steel", "concrete"),
        ("vertical hangers", "network hangers", "inclined ribs"),
        (1, 1),
        30.0,
        (1, 4),
        9,
    ),
    # Rise / span 1/4 to 1/6; spandrel columns every span / 10 to 1 / 14 [Leonhardt].
    "steel deck arch": Proportions(
        (90, 210),
        (1 / 60, 1 / 50),
        (1 / 5.5, 1 / 4),
        (0, 0),
        (0.36, 0.5),
        (10, 14),
        ("steel", "concrete"),
        ("trussed rib", "box rib"),
        (1, 1),
        24.0,
        (1, 3),
    ),
    # The same, with heavier ribs of about span / 60 at the crown [Leonhardt].
    "concrete deck arch": Proportions(
        (80, 200),
        (1 / 60, 1 / 50),
        (1 / 5, 1 / 3.6),
        (0, 0),
        (0.36, 0.5),
        (9, 13),
        ("concrete",),
        ("twin ribs", "single rib"),
        (1, 1),
        22.0,
        (1, 3),
    ),
    # Depth / span 1/8 to 1/10, never less than the clear height over traffic [ICE].
    "truss": Proportions(
        (62, 105),
        (1 / 60, 1 / 55),
        (1 / 9, 1 / 7.5),
        (0, 0),
        (0.1, 0.14),
        (8, 10),
        ("steel", "stone"),
        ("warren", "pratt", "curved pratt", "warren with verticals"),
        (1, 3),
        least_clearance=7,
        least_rise=7.5,
    ),
    # Sag / span 1/9 to 1/11, side spans 0.2 to 0.5 of the main one [Gimsing].
    "suspension": Proportions(
        (320, 820),
        (1 / 160, 1 / 110),
        (1 / 11, 1 / 9),
        (0.27, 0.42),
        (0.065, 0.09),
        (20, 27),
        ("steel", "concrete"),
        ("portal towers", "braced towers", "art deco towers"),
        (1, 1),
        least_clearance=30,
    ),
    # Pylon height / span 0.2 to 0.25, side spans 0.4 to 0.5, stays 8 to 15 m apart [Podolny].
    "cable-stayed": Proportions(
        (160, 420),
        (1 / 140, 1 / 90),
        (0.21, 0.26),
        (0.4, 0.5),
        (0.07, 0.11),
        (18, 26),
        ("concrete", "steel"),
        (
            "fan, A pylons",
            "harp, H pylons",
            "semi-fan, diamond pylons",
            "semi-fan, single pylons",
            "one pylon, fan",
            "one pylon, harp",
        ),
        (1, 1),
        least_clearance=16,
    ),
    # Pylon height / span 1/8 to 1/12, side spans 0.5 to 0.7, deck span / 35 to 1 / 55 [Kasuga].
    "extradosed": Proportions(
        (90, 180),
        (1 / 45, 1 / 38),
        (1 / 11, 1 / 8),
        (0.55, 0.65),
        (0.1, 0.14),
        (16, 22),
        ("concrete", "steel"),
        ("fan", "harp"),
        (1, 3),
        least_clearance=11,
    ),
    # Semicircular arches on slender piers, pier width span / 6 to 1/8 [Heyman].
    "viaduct": Proportions(
        (11, 17),
        (1 / 14, 1 / 12),
        (0.5, 0.5),
        (0, 0),
        (1.5, 2.3),
        (6, 8.5),
        ("stone",),
        ("straight piers", "tapered piers"),
        (8, 14),
        least_clearance=16,
    ),
    # Two tiers after the Pont du Gard; upper arches a half of the lower ones [Heyman].
    "aqueduct": Proportions(
        (14, 21),
        (1 / 14, 1 / 12),
        (0.5, 0.5),
        (0, 0),
        (1.75, 2.1),
        (4.5, 6),
        ("stone",),
        ("two tiers",),
        (5, 9),
        least_clearance=24,
    ),
    # Spans 15 to 45 m, housing about 5 to 6 m high [FHWA].
    "covered": Proportions(
        (20, 34),
        (1 / 40, 1 / 35),
        (0.17, 0.19),
        (0, 0),
        (0.16, 0.2),
        (5, 6.2),
        ("wood", "stone"),
        ("boarded", "open sides"),
        (1, 2),
        least_clearance=4,
        least_rise=4.6,
    ),
    # Light tied arches with a rise of span / 6 to 1/8 [ICE].
    "footbridge": Proportions(
        (35, 75),
        (1 / 75, 1 / 60),
        (1 / 8, 1 / 6),
        (0, 0),
        (0.09, 0.12),
        (3.5, 5),
        ("steel", "wood"),
        ("tied arch", "leaning arch"),
        (1, 1),
        least_clearance=5,
    ),
}
