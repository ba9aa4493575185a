"""Embeds: completed as Discord returns them, their pictures taken from the message's own files."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from bot.emulator.components import copied, named
from bot.emulator.model import Json, Upload

# What Discord keeps of an embed that a bot sends; video and provider it fills in only for links.
_TEXTS = ("title", "description")
_PLAIN = ("url", "color", "timestamp")
_PICTURES = {"image": ("url", "proxy_url"), "thumbnail": ("url", "proxy_url")}
_ICONS = {"author": ("icon_url", "proxy_icon_url"), "footer": ("icon_url", "proxy_icon_url")}
_NAMES = {"author": ("name", "url"), "footer": ("text",)}
_UPLOAD = "attachment_id"  # kept beside an address that was attachment://; it is no part of what is sent


def settle_embeds(embeds: Sequence[Json], uploads: Sequence[Upload]) -> list[Json]:
    """Return checked embeds as Discord keeps them: without what it does not know, and with what it fills in."""
    by_name = {upload.filename: upload for upload in uploads}
    return [_settled(embed, by_name) for embed in embeds]


def _settled(embed: Json, uploads: Mapping[str, Upload]) -> Json:
    new: Json = {"type": "rich"}
    new |= {key: embed[key].strip() for key in _TEXTS if embed.get(key)}
    new |= {key: embed[key] for key in _PLAIN if embed.get(key) is not None}
    if embed.get("fields"):
        new["fields"] = [
            {"name": one["name"].strip(), "value": one["value"].strip(), "inline": bool(one.get("inline"))}
            for one in embed["fields"]
        ]
    for part, keys in {**_PICTURES, **_ICONS}.items():
        given = embed.get(part) or {}
        kept: Json = {key: given[key] for key in _NAMES.get(part, ()) if given.get(key)}
        if given.get(keys[0]):
            kept |= _addressed(given[keys[0]], keys, uploads)
        if kept and (part in _PICTURES or _NAMES[part][0] in kept):
            new[part] = kept
    return new


def _addressed(url: str, keys: tuple[str, str], uploads: Mapping[str, Upload]) -> Json:
    upload = uploads.get(named(url) or "")
    address: Json = dict.fromkeys(keys, url)
    if upload is None:
        return address
    address[_UPLOAD] = upload.id
    if keys[0] == "url":
        width, height = upload.size or (0, 0)
        address |= {"width": width, "height": height, "content_type": upload.content_type or ""}
    return address


def _shown(embeds: Sequence[Json]) -> Iterator[tuple[Json, tuple[str, str]]]:
    for embed in embeds:
        for part, keys in {**_PICTURES, **_ICONS}.items():
            one: Any = embed.get(part)
            if one is not None and _UPLOAD in one:
                yield one, keys


def shown_files(embeds: Sequence[Json]) -> set[int]:
    """Return the ids of the uploads that settled embeds show."""
    return {one[_UPLOAD] for one, _ in _shown(embeds)}


def addressed(embeds: list[Json], address: Callable[[int], str | None]) -> list[Json]:
    """Return settled embeds as they are sent: a file's address is written at each reading, since it expires."""
    if not shown_files(embeds):
        return embeds
    embeds = copied(embeds)
    for one, keys in _shown(embeds):
        url = address(one.pop(_UPLOAD))
        if url is not None:
            one.update(dict.fromkeys(keys, url))
    return embeds
