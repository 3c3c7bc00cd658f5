"""Words of the data that pages know in other languages: of the gallery and the model that ship.

Records and bundles hold them in English, and addresses and the API keep them so. Words that stand
here are shown translated (`of_records`, `of_measures`), all others as they are. Whoever adds some
for a gallery of their own adds them here, and then to the translations.
"""

from typing import Final

from app.texts import NP_, pgettext

# Facets, and what else the records tell; then the words that they hold.
RECORDS: Final = (
    NP_("record", "credit"),
    NP_("record", "licence"),
    NP_("record", "type"),
    NP_("record", "materials"),
    NP_("record", "setting"),
    NP_("record", "light"),
    NP_("record", "weather"),
    NP_("record", "season"),
    NP_("record", "camera"),
    NP_("record", "span"),
    NP_("record", "seed"),
    # type
    NP_("record", "aqueduct"),
    NP_("record", "bascule"),
    NP_("record", "beam"),
    NP_("record", "box girder"),
    NP_("record", "cable-stayed fan"),
    NP_("record", "cable-stayed harp"),
    NP_("record", "cantilever truss"),
    NP_("record", "concrete deck arch"),
    NP_("record", "covered"),
    NP_("record", "deck truss"),
    NP_("record", "extradosed"),
    NP_("record", "footbridge"),
    NP_("record", "half-through arch"),
    NP_("record", "steel deck arch"),
    NP_("record", "stone arch"),
    NP_("record", "suspension"),
    NP_("record", "swing"),
    NP_("record", "through arch"),
    NP_("record", "through truss"),
    NP_("record", "viaduct"),
    # materials
    NP_("record", "steel"),
    NP_("record", "concrete"),
    NP_("record", "stone"),
    NP_("record", "wood"),
    NP_("record", "granite"),
    NP_("record", "sandstone"),
    NP_("record", "limestone"),
    NP_("record", "brick"),
    NP_("record", "red sandstone"),
    # setting
    NP_("record", "river"),
    NP_("record", "lake"),
    NP_("record", "farmland"),
    NP_("record", "gorge"),
    NP_("record", "city"),
    NP_("record", "fjord"),
    NP_("record", "harbour"),
    # light
    NP_("record", "low sun"),
    NP_("record", "night"),
    NP_("record", "overcast"),
    NP_("record", "fog"),
    NP_("record", "noon"),
    NP_("record", "dusk"),
    # weather
    NP_("record", "fair"),
    NP_("record", "rain"),
    NP_("record", "cloud"),
    NP_("record", "snow"),
    # season
    NP_("record", "summer"),
    NP_("record", "autumn"),
    NP_("record", "spring"),
    NP_("record", "winter"),
    # camera
    NP_("record", "air"),
    NP_("record", "water"),
    NP_("record", "bank"),
    NP_("record", "detail"),
    NP_("record", "below"),
    NP_("record", "trees"),
    NP_("record", "deck"),
)

# What a bundle's model was measured on, and the methods that it was measured beside.
MEASURES: Final = (
    NP_("measure", "same bridge"),
    NP_("measure", "bridge type"),
    NP_("measure", "gallery group"),
    NP_("measure", "gallery type"),
    NP_("measure", "evaluation"),
    NP_("measure", "health"),
    NP_("measure", "int8"),
    NP_("measure", "own photos, before"),
    NP_("measure", "own photos, after"),
    NP_("measure", "this bundle"),
    NP_("measure", "+ mirrored query"),
    NP_("measure", "+ query expansion"),
    NP_("measure", "+ augmented gallery"),
    NP_("measure", "+ second look"),
    NP_("measure", "+ mirrored query, expansion, second look"),
    NP_("measure", "its code, flattened, Euclid"),
    NP_("measure", "its embedding, not whitened"),
    NP_("measure", "tutorial, reconstruction only"),
    NP_("measure", "selfsupervised, no teacher"),
    NP_("measure", "small network, whole recipe"),
    NP_("measure", "- reconstruction"),
    NP_("measure", "- cosine to the teacher"),
    NP_("measure", "- cells"),
    NP_("measure", "- similarity"),
    NP_("measure", "- views (whole pictures only)"),
    NP_("measure", "- mirror"),
    NP_("measure", "- colours"),
    NP_("measure", "- pairs of rendered bridges"),
    NP_("measure", "- bridges more often"),
    NP_("measure", "+ targets half whitened"),
    NP_("measure", "tutorial, flattened, Euclid"),
    NP_("measure", "training pictures unknown"),
    NP_("measure", "EfficientNet-Lite0 at 224 px"),
    NP_("measure", "EfficientNet-Lite2 at 260 px"),
    NP_("measure", "colour histogram"),
    NP_("measure", "32x32 grey pixels"),
    NP_("measure", "random"),
)


def of_records(text: str) -> str:
    """Return a word of the records, such as "winter", in the present language where it is known."""
    return pgettext("record", text)


def of_measures(text: str) -> str:
    """Return what was measured, or by which method, in the present language where it is known."""
    return pgettext("measure", text)
