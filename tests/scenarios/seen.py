"""What is observed, in one form for both tiers: ids, times and addresses are left out or replaced."""

from __future__ import annotations

from collections.abc import Awaitable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

import discord

Json = dict[str, Any]
BOT = "bot"
_FILLED_IN = {"min_values": 1, "max_values": 1, "spacing": 1, "divider": True, "required": True}


@dataclass(frozen=True)
class Seen:
    """One message, as somebody sees it. Defaults are what a plain message has."""

    author: str
    text: str = ""
    shows: list[Json] = field(default_factory=list)  # its components, as ``plain`` has them
    files: Mapping[str, bytes] = field(default_factory=dict)
    embeds: list[Json] = field(default_factory=list)
    flags: frozenset[str] = frozenset()
    kind: str = "default"
    edited: bool = False
    replies_to: int | None = None
    mentions: tuple[str, ...] = ()
    reactions: Mapping[str, int] = field(default_factory=dict)
    id: int = field(default=0, compare=False)

    @classmethod
    def of(cls, message: discord.Message, bot_id: int, files: Mapping[str, bytes]) -> Self:
        """Tell what discord.py makes of a message."""
        reference = message.reference
        return cls(
            author=name_of(message.author, bot_id),
            text=message.content,
            shows=plain([one.to_dict() for one in message.components]),
            files=files,
            embeds=[dict(one.to_dict()) for one in message.embeds],
            flags=frozenset(name for name, on in message.flags if on),
            kind=message.type.name,
            edited=message.edited_at is not None,
            replies_to=reference.message_id if reference is not None else None,
            mentions=tuple(sorted(name_of(one, bot_id) for one in message.mentions)),
            reactions={str(one.emoji): one.count for one in message.reactions},
            id=message.id,
        )


@dataclass(frozen=True)
class Refusal:
    """What Discord answered when it refused: status, code, and where the body was wrong."""

    status: int
    code: int
    where: tuple[str, ...] = ()

    @classmethod
    async def of(cls, call: Awaitable[Any]) -> Self | None:
        """Return how a call was refused; None where it was taken."""
        try:
            await call
        except discord.HTTPException as error:
            return cls(error.status, error.code, tuple(sorted(_paths(error._errors or {}))))
        return None


def name_of(person: discord.abc.User, bot_id: int) -> str:
    """Return a person's name, or ``bot``."""
    return BOT if person.id == bot_id else person.name


def shape(view: discord.ui.View | discord.ui.LayoutView | discord.ui.Modal) -> list[Json]:
    """Return what a view of the bot's should look like to everybody."""
    shown: list[Json] = plain(view.to_components())
    return shown


def plain(parts: Any) -> Any:
    """Return components without ids, addresses, and what is the same when it is left out."""
    if isinstance(parts, list | tuple):
        return [plain(one) for one in parts]
    if not isinstance(parts, Mapping):
        return parts
    kept: Json = {}
    for key, value in parts.items():
        if key in {"media", "file"}:
            kept[key] = value["url"].partition("?")[0].rpartition("/")[2]
        elif key != "id" and value not in (None, False, "", []) and _FILLED_IN.get(key) != value:
            kept[key] = plain(value)
    return kept


def _paths(errors: Mapping[str, Any], at: str = "") -> Iterator[str]:
    for key, inner in errors.items():
        if key == "_errors":
            yield at
        else:
            yield from _paths(inner, f"{at}.{key}".strip("."))
