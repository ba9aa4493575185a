"""The panel of /settings, as a server's owner uses it on the loopback Discord."""

from __future__ import annotations

from service_harness import Chat, Json, walk


def part(panel: Json, act: str) -> str:
    """Return the custom_id of a part of the panel."""
    parts = walk(panel["components"])
    return next(one["custom_id"] for one in parts if one.get("custom_id", "").startswith(f"oneiros:settings:{act}:"))


async def settled(chat: Chat, message_id: str) -> Json:
    """Return the owner's panel as it is now."""
    return next(one for one in await chat.messages() if one["id"] == message_id)


async def choose(chat: Chat, message_id: str, act: str, *values: str) -> None:
    """Choose in a select of the owner's panel, and wait until it shows what is settled then."""
    seen = part(await settled(chat, message_id), act)
    name, _, version = seen.rpartition(":")
    await chat.press(message_id, seen, values=list(values))
    then = f"{name}:{int(version) + 1}"
    await chat.wait_for(
        lambda change: (
            change["kind"] == "message_update"
            and change["message"]["id"] == message_id
            and any(one.get("custom_id") == then for one in walk(change["message"]["components"]))
        )
    )
