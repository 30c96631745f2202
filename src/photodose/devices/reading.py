"""Reading devices: the catalogue, one device by id or by path, and the check of a user's own file."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from photodose.data import load_document, nearest_names, read_user_yaml, resolve_name
from photodose.data.loader import document_names
from photodose.data.schema_devices import ArraySpec, BandSpec, DeviceSpec, EmitterSpec, Kind
from photodose.devices.model import Device, from_spec
from photodose.quantities import InputError, UnknownNameError

FOLDER = "devices/catalogue"
KINDS: tuple[str, ...] = get_args(Kind)


@cache
def _from_catalogue(name: str) -> Device:
    return from_spec(load_document(name, DeviceSpec), "catalogue")


@cache
def catalogue_ids() -> tuple[str, ...]:
    """Ids of all devices of the catalogue, sorted (a device's file carries its id as name)."""
    return tuple(name.rsplit("/", 1)[1] for name in document_names(FOLDER))


def catalogue(kind: str | None = None) -> tuple[Device, ...]:
    """All devices of the catalogue.

    Parameters
    ----------
    kind : str, optional
        "mask", "panel", "bed", "cap" or "handheld".

    Returns
    -------
    tuple of Device
        Sorted by id.

    Raises
    ------
    UnknownNameError
        If the kind is none of these.
    """
    if kind is not None and kind not in KINDS:
        raise UnknownNameError("kind of device", str(kind), nearest_names(str(kind), KINDS) or list(KINDS))
    devices = (_from_catalogue(f"{FOLDER}/{name}") for name in catalogue_ids())
    return tuple(device for device in devices if kind is None or device.kind == kind)


def _looks_like_path(text: str) -> bool:
    return "/" in text or "\\" in text or text.lower().endswith((".yaml", ".yml")) or Path(text).is_file()


def device(id_or_path: str | Path | Mapping[str, Any] | Device) -> Device:
    """One device: from the catalogue by its id, or from a device file by its path.

    Parameters
    ----------
    id_or_path : str, Path, mapping or Device
        An id of the catalogue (indifferent to case, blanks and underscores), the path of a YAML file, the content of
        one as a mapping, or a Device, which is given back.

    Raises
    ------
    UnknownNameError
        With the nearest ids.
    InputError, RangeError
        If a device file is missing, unreadable or wrong: the first of its problems.
    """
    if isinstance(id_or_path, Device):
        return id_or_path
    if isinstance(id_or_path, Mapping):
        return _from_mapping({str(key): value for key, value in id_or_path.items()}, "device")
    if isinstance(id_or_path, Path) or (isinstance(id_or_path, str) and _looks_like_path(id_or_path)):
        return _from_mapping(read_user_yaml(id_or_path, "device file"), f"device file {id_or_path}")
    if not isinstance(id_or_path, str):
        raise InputError(f"a device is an id, a path or a mapping, not {type(id_or_path).__name__}.")
    names = {name: name for name in catalogue_ids()}
    hint = "List them with `photodose devices`, or give the path of your own device file."
    return _from_catalogue(f"{FOLDER}/{resolve_name('device', id_or_path, names, hint)}")


def check(path: str | Path) -> list[str]:
    """Validate a user's device file.

    Returns
    -------
    list of str
        One sentence per problem; empty when the file is right.

    Raises
    ------
    InputError
        If the file cannot be read as YAML at all.
    """
    found = problems(read_user_yaml(path, "device file"), f"device file {path}")
    return [str(problem) for problem in found]


def problems(content: Mapping[str, Any], where: str) -> list[InputError]:
    """Every problem of the content of a device file, as errors ready to raise."""
    try:
        from_spec(DeviceSpec.model_validate(content), "file")
    except ValidationError as error:
        return [_problem(item, where) for item in error.errors()]
    except InputError as error:
        return [InputError(f"{where}: {error}")]
    return []


def _from_mapping(content: Mapping[str, Any], where: str) -> Device:
    found = problems(content, where)
    if found:
        raise found[0]
    return from_spec(DeviceSpec.model_validate(content), "file")


_MODELS: dict[str, type[BaseModel]] = {"bands": BandSpec, "emitters": EmitterSpec, "array": ArraySpec}


def _problem(item: Any, where: str) -> InputError:
    """One pydantic error as one sentence; an error of our own inside keeps its class."""
    place = _place(item["loc"])
    inner = item.get("ctx", {}).get("error")
    if item["type"] == "extra_forbidden":
        owner = next((_MODELS[str(p)] for p in reversed(item["loc"][:-1]) if str(p) in _MODELS), DeviceSpec)
        key = str(item["loc"][-1])
        at = f" at {_place(item['loc'][:-1])}" if item["loc"][:-1] else ""
        return UnknownNameError(f"key in {where}{at}", key, nearest_names(key, owner.model_fields))
    if isinstance(inner, InputError):
        inner.args = (f"{where}: {_joined(place, item['loc'], str(inner).rstrip('.'))}.",)
        return inner
    if item["type"] == "missing":
        parent = _place(item["loc"][:-1])
        return InputError(f"{where} has no {item['loc'][-1]}{' in ' + parent if parent else ''}; add it.")
    message = _PLAIN.get(item["type"])
    if message is None:
        message = str(item["msg"]).removeprefix("Value error, ").removeprefix("Input should ").rstrip(".")
        message = f"must {message}" if message.startswith("be ") else message
    shown = repr(item.get("input"))
    shown = shown if len(shown) <= 60 else shown[:57] + "..."
    return InputError(f"{where}: {place or 'it'} {message} (given: {shown}).")


_PLAIN = {
    "string_type": "must be text",
    "list_type": "must be a list",
    "tuple_type": "must be a list",
    "model_type": "must be 'key: value' lines",
    "too_short": "needs at least one entry",
    "string_too_short": "must not be empty",
    "string_pattern_mismatch": "may hold letters, digits and . _ - only, and begin with a letter or digit",
}


def _joined(place: str, loc: tuple[Any, ...], text: str) -> str:
    """Put the place before the text, without naming the key twice: "bands[1].peak_nm 350 is outside ..."."""
    key = next((str(part) for part in reversed(loc) if isinstance(part, str)), "")
    if key and text.startswith(f"{key} "):
        return place + text[len(key) :]
    return f"{place}: {text}" if place else text


def _place(loc: tuple[Any, ...]) -> str:
    """("bands", 0, "peak_nm") -> "bands[1].peak_nm", counted from one as people do."""
    text = ""
    for part in loc:
        text += f"[{part + 1}]" if isinstance(part, int) else (f".{part}" if text else str(part))
    return text
