"""Says in words what a picture shows, from the same plan that it was rendered from."""

from typing import Any

from rendering.light import Light
from rendering.plan import BridgePlan
from rendering.scene import Picture

CREDIT, LICENCE = "rendered by this project", "CC0-1.0"
TYPE_WORDS = {
    "beam": "{material} girder bridge",
    "box girder": "concrete box girder bridge",
    "stone arch": "{stone} arch bridge",
    "through arch": "{colour} steel through arch",
    "half-through arch": "{colour} {material} half-through arch",
    "steel deck arch": "{colour} steel deck arch",
    "concrete deck arch": "concrete deck arch",
    "through truss": "{colour} {web} through truss",
    "deck truss": "{colour} {web} deck truss",
    "cantilever truss": "{colour} cantilever bridge of {web} trusses",
    "suspension": "{colour} suspension bridge with {towers}",
    "cable-stayed fan": "fan cable-stayed bridge with {pylons}",
    "cable-stayed harp": "harp cable-stayed bridge with {pylons}",
    "extradosed": "extradosed bridge with low towers",
    "bascule": "{leaves} bascule bridge",
    "swing": "{state} swing bridge of {arms}",
    "viaduct": "{stone} railway viaduct",
    "aqueduct": "{stone} aqueduct of {variant}",
    "covered": "{colour} covered wooden bridge",
    "footbridge": "{small} footbridge",
}
FOOTBRIDGE_WORDS = {
    "tied arch": "{} tied-arch",
    "leaning arch": "{} leaning-arch",
    "arch below": "concrete arch",
    "stress ribbon": "stress-ribbon",
    "cable-stayed": "{} cable-stayed",
    "suspension": "{} suspension",
}
PYLON_WORDS = {
    "A": "A-shaped",
    "H": "H-shaped",
    "diamond": "diamond-shaped",
    "inverted Y": "Y-shaped",
    "single": "slender",
    "free masts": "twin-mast",
    "leaning mast": "leaning",
}
PLACE_WORDS = {
    "river": "over a river",
    "farmland": "over a stream between fields",
    "lake": "across a lake",
    "fjord": "over a fjord",
    "gorge": "over a gorge",
    "city": "in a city",
    "harbour": "over a harbour",
}
LIGHT_WORDS = {
    "noon": "in full daylight",
    "low sun": "in low sunlight",
    "dusk": "at dusk",
    "overcast": "under an overcast sky",
    "fog": "in fog",
    "night": "at night",
}
CAMERA_WORDS = {
    "bank": "seen from the bank",
    "water": "seen from the water",
    "air": "seen from the air",
    "deck": "seen along the deck",
    "below": "seen from below",
    "detail": "in detail",
    "trees": "seen through trees",
}
SEASON_WORDS = {
    "summer": "Summer leaves are green",
    "spring": "Spring leaves are fresh",
    "autumn": "Autumn leaves are turning",
    "winter": "Snow lies on the ground",
}


def record(plan: BridgePlan, picture: Picture, path: str) -> dict[str, Any]:
    """Return the gallery's record of one picture."""
    light, camera = picture.light, picture.view.kind
    name = type_words(plan)
    where = f"{PLACE_WORDS[plan.setting]}, {LIGHT_WORDS[light.name]}"
    return {
        "path": path,
        "title": upper_first(f"{name} {where}"),
        "alt": alt_text(plan, name, light, camera),
        "credit": CREDIT,
        "licence": LICENCE,
        "source": f"rendering, seed {plan.seed}, view {picture.number}",
        "tags": list(
            dict.fromkeys([plan.type, plan.setting, light.name, light.weather, plan.season])
        ),
        "group": f"bridge-{plan.seed:04d}",
        "type": plan.type,
        "materials": material_words(plan),
        "span_m": round(plan.span),
        "setting": plan.setting,
        "light": light.name,
        "weather": light.weather,
        "season": plan.season,
        "camera": camera,
        "seed": plan.seed,
    }


def alt_text(plan: BridgePlan, name: str, light: Light, camera: str) -> str:
    """Return one or two full sentences for those who cannot see the picture."""
    article = "An" if name[0] in "aeiou" else "A"
    joined = "and" if " with " in name else "with"
    seen = f"{article} {name} {joined} a main span of {round(plan.span)} metres"
    seen += f" {PLACE_WORDS[plan.setting]}, {CAMERA_WORDS[camera]} {LIGHT_WORDS[light.name]}."
    wet = " The ground is wet from rain." if light.weather == "rain" else ""
    return f"{seen} {SEASON_WORDS[plan.season]}.{wet}"


def type_words(plan: BridgePlan) -> str:
    """Return the bridge's type with its colour, material or shape."""
    return (
        TYPE_WORDS[plan.type]
        .format(
            material=main_material(plan),
            stone=plan.colour,
            colour=colour_word(plan),
            web=truss_words(plan.variant),
            variant=plan.variant,
            leaves=plan.variant.replace(" leaf", "-leaf"),
            small=FOOTBRIDGE_WORDS.get(plan.variant, plan.variant).format(plan.colour),
            towers=plan.pylon,
            pylons=pylon_words(plan),
            state="turned" if plan.open else "",
            arms="plate girders" if "plate" in plan.variant else "trusses",
        )
        .strip()
    )


def colour_word(plan: BridgePlan) -> str:
    """Return the paint's name, or nothing for what is not painted."""
    return "" if plan.variant == "concrete ribs" else plan.colour


def main_material(plan: BridgePlan) -> str:
    """Return what most of a bridge of steel or concrete consists of."""
    concrete = plan.variant in ("concrete beams", "concrete ribs", "stress ribbon", "arch below")
    return "concrete" if concrete else plan.materials[0]


def pylon_words(plan: BridgePlan) -> str:
    """Return number and shape of the pylons."""
    count = "one" if plan.variant == "one pylon" else "two"
    shape = PYLON_WORDS.get(plan.pylon, plan.pylon)
    return f"{count} {shape} pylon" + ("s" if count == "two" else "")


def truss_words(variant: str) -> str:
    """Return a truss's name with its engineers' capitals."""
    capitals = {"warren": "Warren", "pratt": "Pratt", "k": "K"}
    words = variant.removesuffix(" with verticals").split()
    return " ".join(capitals.get(word, word) for word in words)


def material_words(plan: BridgePlan) -> list[str]:
    """Return what the bridge is built of, most of it first."""
    if plan.type in ("beam", "half-through arch") and main_material(plan) == "concrete":
        return ["concrete"]
    if plan.type == "footbridge" and main_material(plan) == "concrete":
        return ["concrete", "steel"]
    if plan.pylon == "stone towers":
        return ["steel", "stone"]
    return [plan.colour if m == "stone" and m == plan.materials[0] else m for m in plan.materials]


def upper_first(text: str) -> str:
    """Start a phrase with a capital and leave the rest alone."""
    return text[0].upper() + text[1:]
