"""Bridge builders, one family in each file, and the table that names them."""

from collections.abc import Callable

from rendering.bridges import (
    arch,
    footbridge,
    girder,
    masonry,
    movable,
    stayed,
    suspension,
    truss,
    wood,
)
from rendering.bridges.common import Bridge, Ground
from rendering.plan import BridgePlan

BUILDERS: dict[str, Callable[[BridgePlan, Ground], Bridge]] = {
    "beam": girder.build_beam,
    "box girder": girder.build_box,
    "stone arch": masonry.build_arch_bridge,
    "through arch": arch.build_through,
    "half-through arch": arch.build_half_through,
    "steel deck arch": arch.build_steel_deck,
    "concrete deck arch": arch.build_concrete_deck,
    "through truss": truss.build_through,
    "deck truss": truss.build_deck,
    "cantilever truss": truss.build_cantilever,
    "suspension": suspension.build_suspension,
    "cable-stayed fan": stayed.build_stayed,
    "cable-stayed harp": stayed.build_stayed,
    "extradosed": stayed.build_extradosed,
    "bascule": movable.build_bascule,
    "swing": movable.build_swing,
    "viaduct": masonry.build_viaduct,
    "aqueduct": masonry.build_aqueduct,
    "covered": wood.build_covered,
    "footbridge": footbridge.build_footbridge,
}


def build_bridge(plan: BridgePlan, ground: Ground) -> Bridge:
    """Turn a plan into solids that stand on the given ground."""
    return BUILDERS[plan.type](plan, ground)
