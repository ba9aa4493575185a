"""How attachments and messages look."""

from __future__ import annotations

from bot.emulator import components, embeds
from bot.emulator.checks.commands import MESSAGE
from bot.emulator.clock import iso
from bot.emulator.files import Files
from bot.emulator.model import EPHEMERAL, Interaction, Json, Kind, Message, Upload
from bot.emulator.shapes import guilds, people
from bot.emulator.world import World

SUPPRESS_EMBEDS, HAS_THREAD = 1 << 2, 1 << 5


def upload(of: Upload, files: Files) -> Json:
    """Shape an attachment."""
    address = files.address(of)
    shape: Json = {
        "id": str(of.id),
        "filename": of.filename,
        "size": len(of.data),
        "url": address,
        "proxy_url": address,
    }
    optional = {"content_type": of.content_type, "description": of.description}
    shape |= {key: value for key, value in optional.items() if value is not None}
    if of.size is not None:
        shape |= {"width": of.size[0], "height": of.size[1]}
    if of.ephemeral:
        shape["ephemeral"] = True
    return shape


def message(of: Message, world: World, files: Files, *, deep: bool = True) -> Json:
    """Shape a message, ``deep``: with the one that it replies to, null where that is gone.

    Uploads that components or embeds show are not in its ``attachments``: so Discord does it.
    """

    def address(number: int) -> str | None:
        kept = world.uploads.get(number)
        return files.address(kept) if kept is not None else None

    shown = components.referenced(of.components) | embeds.shown_files(of.embeds)
    shape: Json = {
        "id": str(of.id),
        "channel_id": str(of.channel.id),
        "type": of.kind,
        "author": people.person(of.author),
        "content": of.content,
        "timestamp": iso(of.created),
        "edited_timestamp": iso(of.edited) if of.edited is not None else None,
        "tts": False,
        "mention_everyone": False,
        "mentions": [people.person(one) for one in of.mentions],
        "mention_roles": [],
        "attachments": [upload(one, files) for one in of.uploads if one.id not in shown],
        "embeds": [] if of.flags & SUPPRESS_EMBEDS else embeds.addressed(of.embeds, address),
        "components": components.addressed(of.components, address),
        "pinned": of.pinned is not None,
        "flags": of.flags | (EPHEMERAL if of.only_for is not None else 0),
    }
    if of.author.bot:
        shape["application_id"] = str(world.application_id)
    if of.nonce is not None:
        shape["nonce"] = of.nonce
    shape |= _around(of, world, shape["flags"])
    if of.reply_to is not None:
        shape |= _reply(of, of.reply_to)
        if deep:
            answered = world.message(of.reply_to)
            shape["referenced_message"] = message(answered, world, files, deep=False) if answered else None
    if of.interaction is not None:
        shape["webhook_id"] = str(world.application_id)
        shape |= _of_interaction(of, of.interaction)
    return shape


def _around(of: Message, world: World, flags: int) -> Json:
    """Shape what people hung on a message: reactions, and the thread that was started from it, which has its id."""
    shape: Json = {}
    if of.reactions:
        shape["reactions"] = [_reaction(emoji, who, world.bot.id) for emoji, who in of.reactions.items()]
    thread = world.channels.get(of.id)
    if thread is not None:
        shape |= {"thread": guilds.channel(thread, world.bot.id), "flags": flags | HAS_THREAD}
    return shape


def _reply(of: Message, to: int) -> Json:
    reference: Json = {"type": 0, "channel_id": str(of.channel.id), "message_id": str(to)}
    if of.channel.guild is not None:
        reference["guild_id"] = str(of.channel.guild.id)
    return {"message_reference": reference}


def _reaction(emoji: str, who: list[int], bot_id: int) -> Json:
    return {
        "emoji": {"id": None, "name": emoji},
        "count": len(who),
        "count_details": {"normal": len(who), "burst": 0},
        "burst_colors": [],
        "me": bot_id in who,
        "me_burst": False,
    }


def _of_interaction(of: Message, interaction: Interaction) -> Json:
    shape: Json = {"interaction_metadata": metadata(interaction)}
    original = interaction.original
    if original is not None and original is not of:
        shape["interaction_metadata"]["original_response_message_id"] = str(original.id)
    if interaction.kind is Kind.COMMAND:
        shape["interaction"] = {
            "id": str(interaction.id),
            "type": int(interaction.kind),
            "name": interaction.name,
            "user": people.person(interaction.person),
        }
    return shape


def metadata(of: Interaction) -> Json:
    """Shape what a message tells of the interaction that it came from."""
    shape: Json = {
        "id": str(of.id),
        "type": int(of.kind),
        "user": people.person(of.person),
        "authorizing_integration_owners": of.owners,
    }
    if "target_id" in of.data:
        shape |= _target(of)
    if of.kind is Kind.COMPONENT and of.source is not None:
        shape["interacted_message_id"] = str(of.source.id)
    if of.kind is Kind.MODAL and of.parent is not None:
        shape["triggering_interaction_metadata"] = metadata(of.parent)
    return shape


def _target(of: Interaction) -> Json:
    """Shape whom or what the command of a menu was used on."""
    target = of.data["target_id"]
    if of.data["type"] == MESSAGE:
        return {"target_message_id": target}
    return {"target_user": of.data["resolved"]["users"][target]}
