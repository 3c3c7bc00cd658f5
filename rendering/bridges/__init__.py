"""Bridge builders, one family in each file, and the table that names them."""

from collections.abc import Callable

from rendering.bridges import arch, cables, girder, masonry, truss, wood
from rendering.bridges.common import Bridge, Ground
from rendering.plan import BridgePlan

BUILDERS: dict[str, Callable[[BridgePlan, Ground], Bridge]] = {
    "beam": girder.build_beam,
    "box girder": girder.build_box,
    "stone arch": masonry.build_arch_bridge,
    "through arch": arch.build_through,
    "steel deck arch": arch.build_steel_deck,
    "concrete deck arch": arch.build_concrete_deck,
    "truss": truss.build_truss,
    "suspension": cables.build_suspension,
    "cable-stayed": cables.build_stayed,
    "extradosed": cables.build_extradosed,
    "viaduct": masonry.build_viaduct,
    "aqueduct": masonry.build_aqueduct,
    "covered": wood.build_covered,
    "footbridge": arch.build_footbridge,
}


def build_bridge(plan: BridgePlan, ground: Ground) -> Bridge:
    """Turn a plan into solids that stand on the given ground."""
    return BUILDERS[plan.type](plan, ground)
