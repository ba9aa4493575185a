"""The pictures that people send: what the payload alone shows of them, and those of a message."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import discord
from yarl import URL

from bot.errors import UserError

MIB = 1024 * 1024


@dataclass(frozen=True)
class Sent:
    """A picture in the chat, by its address."""

    url: str
    spoiler: bool
    moving: bool = False


def moves(image: discord.Attachment) -> bool:
    """Tell whether a file is of a kind that moves: a video, or a GIF, which nearly always does."""
    return (image.content_type or "").startswith(("video/", "image/gif"))


def check(image: discord.Attachment, max_bytes: int, *, moving: bool = False) -> None:
    """Refuse what the payload alone shows to be no picture for us, or where it may be ``moving`` no film either.

    Raises UserError.
    """
    if image.size == 0:
        raise UserError("This file is empty: send a picture (PNG, JPEG, WebP, GIF, …).")
    if image.size > max_bytes:
        raise UserError(
            "This picture has {size} MiB; I take up to {most} MiB. Send a smaller one, or save it as JPEG.",
            size=round(image.size / MIB, 1),
            most=max_bytes // MIB,
        )
    kinds = ("image/", "video/") if moving else ("image/",)
    if image.content_type is not None and not image.content_type.startswith(kinds):
        raise UserError("This file is not a picture: send a PNG, JPEG, WebP or GIF.")


def pictures_in(message: discord.Message, max_bytes: int) -> list[Sent]:
    """Return the pictures of a message, forwarded ones too, and those in the layout of a bot's (our own dreams).

    Raises UserError where a picture is too large, or there is none.
    """
    attached = [*message.attachments, *(one for part in message.message_snapshots for one in part.attachments)]
    images = [one for one in attached if (one.content_type or "").startswith(("image/", "video/"))]
    for image in images:
        check(image, max_bytes, moving=True)
    found = [*(Sent(one.url, one.is_spoiler(), moves(one)) for one in images), *shown_in(message)]
    if not found:
        raise UserError("This message has no picture of its own: choose one with an attached picture, or use /dream.")
    # What a layout shows may be named among the attachments, too.
    return list({URL(one.url).path: one for one in found}.values())


def shown_in(message: discord.Message) -> list[Sent]:
    """Return the pictures in the layout of a message."""
    laid_out = [item for part in message.components for item in _shown(part)]
    return [Sent(one.media.url, one.spoiler) for one in laid_out if (one.media.content_type or "").startswith("image/")]


def _shown(component: discord.Component) -> Iterator[discord.MediaGalleryItem]:
    if isinstance(component, discord.MediaGalleryComponent):
        yield from component.items
    for one in getattr(component, "children", ()):
        yield from _shown(one)
