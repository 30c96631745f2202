"""Rooms whose name is also a command: `photodose.devices` is the room, `photodose.devices(...)` the command."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any


class _CallableRoom(ModuleType):
    """A room that can be called; the package's front door knows what the call means."""

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        front_door = sys.modules[self.__name__.partition(".")[0]]
        return front_door.room_command(self.__name__.rpartition(".")[2])(*arguments, **options)


def make_callable(name: str) -> None:
    """Let a room be called like the command of its name (docs/adr/0003)."""
    sys.modules[name].__class__ = _CallableRoom
