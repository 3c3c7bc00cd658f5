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
    "through arch": "{colour} steel through arch bridge",
    "steel deck arch": "{colour} steel deck arch bridge",
    "concrete deck arch": "concrete deck arch bridge",
    "truss": "{colour} {variant} truss bridge",
    "suspension": "{colour} suspension bridge",
    "cable-stayed": "cable-stayed bridge with {pylons}",
    "extradosed": "extradosed bridge with low towers",
    "viaduct": "{stone} railway viaduct",
    "aqueduct": "two-tiered {stone} aqueduct",
    "covered": "{colour} covered wooden bridge",
    "footbridge": "{colour} tied-arch footbridge",
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
    seen = f"{article} {name} with a main span of {round(plan.span)} metres"
    seen += f" {PLACE_WORDS[plan.setting]}, {CAMERA_WORDS[camera]} {LIGHT_WORDS[light.name]}."
    wet = " The ground is wet from rain." if light.weather == "rain" else ""
    return f"{seen} {SEASON_WORDS[plan.season]}.{wet}"


def type_words(plan: BridgePlan) -> str:
    """Return the bridge's type with its colour or material."""
    pylons = "one pylon" if "one pylon" in plan.variant else "two pylons"
    return TYPE_WORDS[plan.type].format(
        material="steel" if plan.variant == "plate girders" else "concrete",
        stone=plan.colour,
        colour=plan.colour,
        variant=truss_words(plan.variant),
        pylons=pylons,
    )


def truss_words(variant: str) -> str:
    """Return a truss's name with its engineers' capitals."""
    return variant.replace("warren", "Warren").replace("pratt", "Pratt").split(" with ")[0]


def material_words(plan: BridgePlan) -> list[str]:
    """Return what the bridge is built of, most of it first."""
    if plan.type == "beam":
        return ["steel", "concrete"] if plan.variant == "plate girders" else ["concrete"]
    return [plan.colour if m == "stone" and m == plan.materials[0] else m for m in plan.materials]


def upper_first(text: str) -> str:
    """Start a phrase with a capital and leave the rest alone."""
    return text[0].upper() + text[1:]
