"""photodose: what a red light device delivers at depth, in your skin, and what to do with it.

>>> import photodose
>>> skin = photodose.skin("cheek", skin_type="III")
>>> dose = photodose.dose(photodose.device("omnilux-contour-face"), skin, minutes=10)
>>> dose.at("papillary dermis").name
'papillary dermis'
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

__version__ = "0.1.0"

_PLACES: Final = {
    "check_device": "photodose.planning",
    "compare": "photodose.planning",
    "claims": "photodose.planning",
    "device": "photodose.devices",
    "dose": "photodose.dosimetry",
    "drugs": "photodose.planning",
    "goals": "photodose.planning",
    "plan": "photodose.planning",
    "screen": "photodose.planning",
    "skin": "photodose.tissue",
    "skins": "photodose.planning",
    "solve": "photodose.transport",
}
_ROOMS: Final = frozenset({"quantities", "data", "optics", "transport", "devices", "tissue", "dosimetry", "safety",
                           "evidence", "outcomes", "planning"})  # fmt: skip

__all__ = ["__version__", *sorted(_PLACES), *sorted(_ROOMS)]

if TYPE_CHECKING:
    from photodose import data as data
    from photodose import devices as devices
    from photodose import dosimetry as dosimetry
    from photodose import evidence as evidence
    from photodose import optics as optics
    from photodose import outcomes as outcomes
    from photodose import planning as planning
    from photodose import quantities as quantities
    from photodose import safety as safety
    from photodose import tissue as tissue
    from photodose import transport as transport
    from photodose.devices import device as device
    from photodose.dosimetry import dose as dose
    from photodose.planning import check_device as check_device
    from photodose.planning import compare as compare
    from photodose.planning import drugs as drugs
    from photodose.planning import goals as goals
    from photodose.planning import plan as plan
    from photodose.planning import screen as screen
    from photodose.planning import skins as skins
    from photodose.planning.claims import claims as claims
    from photodose.tissue import skin as skin
    from photodose.transport import solve as solve


_ROOM_COMMANDS: Final = {"devices": "photodose.planning", "safety": "photodose.planning"}


def room_command(room: str) -> Any:
    """The command that shares its name with a room (docs/adr/0003)."""
    return getattr(import_module(_ROOM_COMMANDS[room]), room)


def __getattr__(name: str) -> Any:
    """Load a room or a function when it is first asked for, so that `import photodose` costs nothing."""
    if name in _ROOMS:
        return import_module(f"photodose.{name}")
    if name in _PLACES:
        value = getattr(import_module(_PLACES[name]), name)
        globals()[name] = value
        return value
    raise AttributeError(f"module 'photodose' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
