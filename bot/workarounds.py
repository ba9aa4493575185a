"""What discord.py 2.7.1 needs from us, each with its reason. To be read again when the library is upgraded."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar, cast

import discord
import yarl
from discord.app_commands import Command, Namespace
from discord.app_commands.transformers import CommandParameter
from discord.gateway import DiscordWebSocket
from discord.http import Route

if TYPE_CHECKING:
    from discord.types.gateway import SessionStartLimit

V = TypeVar("V", discord.ui.View, discord.ui.LayoutView)

HEARTBEAT_S = 30.0  # less than Discord's interval, which is 41 s
# A filter of August 2026: Discord's clients offer such files only.
PICTURES = {"file_types": ["image"]}
MOVING = {"file_types": ["image", "video"]}


def point_at(*, api: str, gateway: str | None, cdn: str) -> None:
    """Point the library at a REST base, a gateway and a CDN origin: it keeps all three in class attributes."""
    Route.BASE = api
    discord.asset.Asset.BASE = cdn
    if gateway is not None:
        DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(gateway)


def pin_gateway(client: discord.Client, address: str) -> None:
    """Connect to the gateway at ``address``: a client that shards by itself takes only what the REST server names."""
    ask = client.http.get_bot_gateway

    async def pinned() -> tuple[int, str, SessionStartLimit]:
        shards, _, limit = await ask()
        return shards, address, limit

    setattr(client.http, "get_bot_gateway", pinned)  # noqa: B010 - a checker forbids to assign to a method


def forget_when_sent(view: V) -> V:
    """Keep the library from storing ``view`` for good with each edit.

    Our buttons are DynamicItems, which need no stored view, and a finished view is not stored.
    """
    view.stop()
    return view


def fill_in(modal: discord.ui.Modal, interaction: discord.Interaction[Any]) -> None:
    """Fill a modal with what was submitted: the library does so only to the object that it sent and still holds."""
    data = cast(dict[str, Any], interaction.data or {})
    resolved = Namespace._get_resolved_items(interaction, data.get("resolved", {}))
    modal._refresh(interaction, data.get("components", []), cast(Any, resolved))


class PictureUpload(discord.ui.FileUpload[Any]):
    """A modal's field for a picture, which may be a moving one: the library does not know the filter yet."""

    def to_component_dict(self) -> Any:
        return {**super().to_component_dict(), **MOVING}


class _PictureOption(CommandParameter):
    def to_dict(self) -> dict[str, Any]:
        return {**super().to_dict(), **PICTURES}


class _MovingOption(CommandParameter):
    def to_dict(self) -> dict[str, Any]:
        return {**super().to_dict(), **MOVING}


def take_pictures_only(command: Command[Any, ..., Any], *moving: str) -> None:
    """Let the attachment options of ``command`` take pictures only, those that are named in ``moving`` videos too.

    The library does not know the filter yet.
    """
    for name, option in command._params.items():
        if option.type is discord.AppCommandOptionType.attachment:
            kind = _MovingOption if name in moving else _PictureOption
            command._params[name] = kind(**vars(option))


def take_at_most(command: Command[Any, ..., Any], option: str, most: float) -> None:
    """Bound an option by what a setting says: the library reads bounds only while it imports."""
    command._params[option] = replace(command._params[option], max_value=most)


def slowest_shard_s(latencies: Iterable[tuple[int, float]]) -> float | None:
    """Return the latency of the slowest shard, from ``client.latencies``; None where none is known yet.

    An answer that is back before the library has noted when it asked is measured from the heartbeat before: a whole
    interval, after which a connection would long be given up. It is not a number before the first one.
    """
    return max((one for _, one in latencies if math.isfinite(one) and one < HEARTBEAT_S), default=None)
