"""Which pictures calibrate, and which tell how well that holds: never the same kinds.

Folders are those of a collection of photographs that may not be published; whoever has others names
them alike. A folder that is not there is passed over.
"""

from typing import Final, Literal, NamedTuple

# general: pictures of anything. like: of the gallery's subject. They fit the calibration.
# found: of the subject. nothing: of something else. They are what is published.
Use = Literal["general", "like", "found", "nothing"]

_PLACES: Final = "places_128px"
_LANDSCAPES: Final = (
    "badlands", "bamboo_forest", "botanical_garden", "canyon", "coast", "corn_field",
    "desert_sand", "golf_course", "hot_spring", "iceberg", "mountain", "rainforest", "river",
    "rock_arch", "ski_slope", "swamp", "valley", "volcano",
)  # fmt: skip
_STREETS: Final = (
    "abbey", "amphitheater", "amusement_park", "baseball_field", "boat_deck", "campsite",
    "cemetery", "chalet", "church_outdoor", "construction_site", "courtyard", "dam", "driveway",
    "fire_station", "fountain", "gas_station", "harbor", "highway", "ice_skating_rink_outdoor",
    "lighthouse", "market_outdoor", "monastery_outdoor", "palace", "parking_lot", "phone_booth",
    "playground", "racecourse", "railroad_track", "runway", "shed", "skyscraper", "slum",
    "stadium_football", "swimming_pool_outdoor", "temple_east_asia", "track_outdoor", "trench",
    "yard",
)  # fmt: skip
_ROOMS: Final = (
    "airport_terminal", "aquarium", "art_gallery", "assembly_line", "auditorium", "bakery_shop",
    "ballroom", "banquet_hall", "bar", "bathroom", "beauty_salon", "bedroom", "bookstore",
    "bowling_alley", "boxing_ring", "bus_interior", "butchers_shop", "candy_store", "classroom",
    "clothing_store", "cockpit", "coffee_shop", "conference_room", "corridor", "dining_room",
    "food_court", "hospital_room", "kindergarden_classroom", "kitchen", "laundromat",
    "living_room", "lobby", "locker_room", "martial_arts_gym", "museum_indoor", "office",
    "restaurant", "shower", "stage_indoor", "staircase", "subway_station_platform", "supermarket",
)  # fmt: skip


class Kind(NamedTuple):
    """One kind of pictures. folders: below the collection. most: pictures of each folder.

    made: made by code instead, by the function of that name in `made.py`.
    """

    name: str
    use: Use
    folders: tuple[str, ...] = ()
    most: int = 400
    made: str = ""


def _places(names: tuple[str, ...], start: int) -> tuple[str, ...]:
    """Return the folders of every second place: what fits and what is published share none."""
    return tuple(f"{_PLACES}/{name}" for name in names[start::2])


KINDS: Final = (
    Kind("anything", "general", ("general/imagenet_sample",)),
    Kind("places", "general", _places(_LANDSCAPES + _STREETS + _ROOMS, 0), 16),
    Kind("black text", "general", made="black_text", most=30),
    Kind("fine noise", "general", made="fine_noise", most=30),
    Kind("bridges", "like", ("train/arch", "train/suspension"), 250),
    Kind("small bridges", "like", (f"{_PLACES}/bridge", "train_64px/viaduct"), 160),
    Kind("seven bridges, by day and night", "found", tuple(
        f"same_bridge/{name}" for name in (
            "akashi_kaikyo", "bay_bridge_sf", "charles_prague", "golden_bridge_vietnam",
            "manhattan", "rialto", "tower_bridge_london",
        )
    )),
    Kind("other bridges of that collection", "found", ("same_bridge/_other",)),
    Kind("arch bridges", "found", ("bridge_type/arch",)),
    Kind("suspension bridges", "found", ("bridge_type/suspension",)),
    Kind("aqueducts and bridges over land", "found", (f"{_PLACES}/aqueduct",), 160),
    Kind("animals, people, things, scenes", "nothing", ("general/bsds",), 250),
    Kind("buildings of many styles", "nothing", ("general/architecture",), 120),
    Kind("landscapes", "nothing", _places(_LANDSCAPES, 1), 16),
    Kind("streets, yards, sports grounds", "nothing", _places(_STREETS, 1), 8),
    Kind("rooms", "nothing", _places(_ROOMS, 1), 8),
    Kind("faces, enlarged from 25 pixels", "nothing", made="faces", most=60),
    Kind("text in colours", "nothing", made="coloured_text", most=60),
    Kind("coarse noise", "nothing", made="coarse_noise", most=60),
    Kind("plain colours", "nothing", made="plain", most=60),
)  # fmt: skip
