"""Message components: walked through, numbered and completed as Discord returns them."""

from __future__ import annotations

import copy
import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import IntEnum
from typing import Any

from bot.emulator.files import clean_name
from bot.emulator.model import Json, Upload

Path = tuple[str | int, ...]
ATTACHMENT = "attachment://"
DEEPEST = 12  # steps in a path: a button in a row in a container, in the data of an answer, is at the seventh


class Type(IntEnum):
    """Discord's component types."""

    ACTION_ROW = 1
    BUTTON = 2
    STRING_SELECT = 3
    TEXT_INPUT = 4
    USER_SELECT = 5
    ROLE_SELECT = 6
    MENTIONABLE_SELECT = 7
    CHANNEL_SELECT = 8
    SECTION = 9
    TEXT_DISPLAY = 10
    THUMBNAIL = 11
    MEDIA_GALLERY = 12
    FILE = 13
    SEPARATOR = 14
    CONTAINER = 17
    LABEL = 18
    FILE_UPLOAD = 19
    RADIO_GROUP = 21
    CHECKBOX_GROUP = 22
    CHECKBOX = 23


SELECTS = {Type.STRING_SELECT, Type.USER_SELECT, Type.ROLE_SELECT, Type.MENTIONABLE_SELECT, Type.CHANNEL_SELECT}
LINK = 5  # the button style

_SELECT = {"custom_id": None, "placeholder": None, "min_values": 1, "max_values": 1, "disabled": None}
# What Discord returns of each type, and what it fills in; None: left out where it was not given.
_RETURNED: Mapping[int, Mapping[str, Any]] = {
    Type.ACTION_ROW: {},
    Type.BUTTON: {
        "style": None,
        "custom_id": None,
        "label": None,
        "emoji": None,
        "url": None,
        "sku_id": None,
        "disabled": None,
    },
    Type.STRING_SELECT: {**_SELECT, "options": None},
    Type.USER_SELECT: {**_SELECT, "default_values": None},
    Type.ROLE_SELECT: {**_SELECT, "default_values": None},
    Type.MENTIONABLE_SELECT: {**_SELECT, "default_values": None},
    Type.CHANNEL_SELECT: {**_SELECT, "default_values": None, "channel_types": None},
    Type.SECTION: {},
    Type.TEXT_DISPLAY: {"content": ""},
    Type.THUMBNAIL: {"spoiler": False},
    Type.MEDIA_GALLERY: {},
    Type.FILE: {"spoiler": False},
    Type.SEPARATOR: {"divider": True, "spacing": 1},
    Type.CONTAINER: {"spoiler": False},
}


def walk(components: Sequence[Any], path: Path = ()) -> Iterator[tuple[Path, Json]]:
    """Give every component with its path, outermost first; whatever is not an object is passed over."""
    for index, component in enumerate(components):
        if isinstance(component, dict):
            yield from _walk_one(component, (*path, index))


def _walk_one(component: Json, path: Path) -> Iterator[tuple[Path, Json]]:
    yield path, component
    inner = component.get("components")
    if len(path) > DEEPEST:
        return
    if isinstance(inner, list):
        yield from walk(inner, (*path, "components"))
    for key in ("accessory", "component"):
        one = component.get(key)
        if isinstance(one, dict):
            yield from _walk_one(one, (*path, key))


def media(component: Json, path: Path) -> Iterator[tuple[Path, Json]]:
    """Give the media of one component (not of those inside it), each with its path."""
    kind = component.get("type")
    if kind == Type.MEDIA_GALLERY and isinstance(component.get("items"), list):
        for index, item in enumerate(component["items"]):
            if isinstance(item, dict) and isinstance(item.get("media"), dict):
                yield (*path, "items", index, "media"), item["media"]
    key = {Type.THUMBNAIL: "media", Type.FILE: "file"}.get(kind) if isinstance(kind, int) else None  # type: ignore[call-overload]
    if key is not None and isinstance(component.get(key), dict):
        yield (*path, key), component[key]


def find(components: Sequence[Json], custom_id: str) -> Json | None:
    """Return the component with ``custom_id``."""
    return next((one for _, one in walk(components) if one.get("custom_id") == custom_id), None)


def settle(components: Sequence[Json], uploads: Sequence[Upload]) -> list[Json]:
    """Return checked components as Discord keeps them: numbered, completed, with their media resolved.

    A medium from an upload holds its ``attachment_id``; its address is written at each reading, since it expires.
    """
    numbers = _free_numbers(components)
    by_name = {upload.filename: upload for upload in uploads}
    return [_settled(one, numbers, by_name) for one in components]


def numbered(components: Sequence[Json]) -> list[Json]:
    """Return a modal's checked components, each with its number."""
    found = copy.deepcopy(list(components))
    numbers = _free_numbers(found)
    for _, one in walk(found):
        one["id"] = one.get("id") or next(numbers)
    return found


def _free_numbers(components: Sequence[Json]) -> Iterator[int]:
    taken = {one["id"] for _, one in walk(components) if one.get("id")}
    return (number for number in itertools.count(1) if number not in taken)


def _settled(component: Json, numbers: Iterator[int], uploads: Mapping[str, Upload]) -> Json:
    kind = component["type"]
    new: Json = {"type": kind, "id": component.get("id") or next(numbers)}
    for key, default in _RETURNED[kind].items():
        value = component.get(key)
        if value is not None or default is not None:
            new[key] = default if value is None else _cleaned(value)
    if kind == Type.MEDIA_GALLERY:
        new["items"] = [
            {
                "media": _medium(item["media"]["url"], uploads),
                "description": item.get("description"),
                "spoiler": bool(item.get("spoiler")),
            }
            for item in component["items"]
        ]
    elif kind == Type.THUMBNAIL:
        new |= {"media": _medium(component["media"]["url"], uploads), "description": component.get("description")}
    elif kind == Type.FILE:
        upload = uploads.get(named(component["file"]["url"]) or "")
        new["file"] = _medium(component["file"]["url"], uploads)
        new |= {"name": upload.filename, "size": len(upload.data)} if upload else {"name": None, "size": None}
    elif kind == Type.CONTAINER:
        new["accent_color"] = component.get("accent_color")
    if "components" in component:
        new["components"] = [_settled(one, numbers, uploads) for one in component["components"]]
    if "accessory" in component:
        new["accessory"] = _settled(component["accessory"], numbers, uploads)
    return new


def _cleaned(value: Any) -> Any:
    """Return a value, such as an emoji or options with emoji, without nulls, and with its ids as text."""
    if isinstance(value, dict):
        return {key: str(one) if key == "id" else _cleaned(one) for key, one in value.items() if one is not None}
    return [_cleaned(one) for one in value] if isinstance(value, list) else value


def named(url: str) -> str | None:
    """Return the file name in an ``attachment://`` address, cleaned as the upload's own; None for other addresses."""
    return clean_name(url.removeprefix(ATTACHMENT)) if url.startswith(ATTACHMENT) else None


def _medium(url: str, uploads: Mapping[str, Upload]) -> Json:
    upload = uploads.get(named(url) or "")
    if upload is None:
        return {"id": "0", "url": url, "proxy_url": url, "width": None, "height": None, "content_type": None}
    width, height = upload.size or (None, None)
    number = str(upload.id)
    return {
        "id": number,
        "url": "",
        "proxy_url": "",
        "width": width,
        "height": height,
        "content_type": upload.content_type,
        "attachment_id": number,
    }


def addressed(components: list[Json], address: Callable[[int], str | None]) -> list[Json]:
    """Return settled components as they are sent: a file's address is written at each reading, since it expires."""
    if not referenced(components):
        return components
    components = copied(components)
    for path, component in walk(components):
        for _, medium in media(component, path):
            url = address(int(medium.get("attachment_id", 0)))
            if url is not None:
                medium["url"] = medium["proxy_url"] = url
    return components


def copied(value: Any) -> Any:
    """Return a copy of plain JSON, several times as fast as ``copy.deepcopy``."""
    if isinstance(value, dict):
        return {key: copied(one) for key, one in value.items()}
    return [copied(one) for one in value] if isinstance(value, list) else value


def referenced(components: Sequence[Json]) -> set[int]:
    """Return the ids of the uploads that settled components show."""
    return {
        int(one["attachment_id"])
        for path, component in walk(components)
        for _, one in media(component, path)
        if "attachment_id" in one
    }
