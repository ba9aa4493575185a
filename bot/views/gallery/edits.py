"""A message as it is, but for one thing: a count that has changed, a line at its end."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import discord

from bot.entry import Entry
from bot.views.host import host_of
from bot.workarounds import forget_when_sent

Interaction = discord.Interaction[Any]

MOST_EDITS = 3  # of one press
LINE, ROW = 1201, 1202  # what we add is found again by its number: Discord numbers others from 1 on


def again(message: discord.Message) -> discord.ui.LayoutView:
    """Return a message's layout, to be sent in an edit that leaves its attachments as they are."""
    view = discord.ui.LayoutView.from_message(message, timeout=None)
    for item in view.walk_children():
        if isinstance(item, discord.ui.MediaGallery):
            for picture in item.items:
                picture.media = discord.UnfurledMediaItem(_attached(picture.media.url))
    return forget_when_sent(view)


def with_label(view: discord.ui.LayoutView, custom_id: str, label: str) -> None:
    """Change what stands on a button."""
    for item in view.walk_children():
        if isinstance(item, discord.ui.Button) and item.custom_id == custom_id:
            item.label = label


def disable(view: discord.ui.LayoutView, custom_id: str, label: str) -> None:
    """Let a button be pressed no more, and say why on it."""
    for item in view.walk_children():
        if isinstance(item, discord.ui.Button) and item.custom_id == custom_id:
            item.disabled, item.label = True, label


def with_line(view: discord.ui.LayoutView, line: str, buttons: Sequence[discord.ui.Button[Any]]) -> None:
    """Put a line and buttons at the end of a message of ours, in the place of those that were put there before."""
    (frame,) = view.children
    if not isinstance(frame, discord.ui.Container):
        return
    for item in [one for one in frame.children if one.id in {LINE, ROW}]:
        frame.remove_item(item)
    frame.add_item(discord.ui.TextDisplay(line, id=LINE))
    if buttons:
        frame.add_item(discord.ui.ActionRow(*buttons, id=ROW))


async def put_votes(
    interaction: Interaction, entry: Entry, lay_out: Callable[[discord.ui.LayoutView, Entry], None]
) -> None:
    """Show an entry's votes in the pressed message; ``lay_out`` writes them into it. The press is acknowledged already.

    Of two presses at once the edit of the earlier vote may come last: whoever finds other votes than they have shown
    shows them.
    """
    message = interaction.message
    if message is None:
        return
    for _ in range(MOST_EDITS):
        view = again(message)
        lay_out(view, entry)
        await put(interaction, view)
        await host_of(interaction).gallery.shown_in(entry, message.id)
        now = await host_of(interaction).gallery.now(entry)
        if now is None or (now.votes, now.state) == (entry.votes, entry.state):
            return
        entry = now


async def put(interaction: Interaction, view: discord.ui.LayoutView) -> None:
    """Make ``view`` what the pressed message shows, its files as they are; the press is acknowledged already."""
    await interaction.edit_original_response(view=view, allowed_mentions=discord.AllowedMentions.none())


def _attached(url: str) -> str:
    """Return the address by which an edit names a file that the message has: what we were told of it expires."""
    return f"attachment://{url.partition('?')[0].rpartition('/')[2]}"
