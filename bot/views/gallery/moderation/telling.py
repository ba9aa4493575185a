"""What others are told of a decision: the server's log channel, and whoever dreamed it; what the moderator is told."""

from __future__ import annotations

from typing import Any

import discord

from bot.entry import Entry, EntryState
from bot.language import language_of
from bot.store.gallery.decisions import Bar
from bot.views import logbook
from bot.views.gallery import notices
from bot.views.gallery.moderation import words
from bot.views.gallery.moderation.ids import restore_button
from engine.sentences import mark

Interaction = discord.Interaction[Any]

APPROVED = mark("✅ {moderator} approved a dream of {person} for the gallery.")
REMOVED = mark("🚫 {moderator} took a dream of {person} out of the gallery: {reason}")
RESTORED = mark("↩️ {moderator} put a dream of {person} back into the gallery.")
KEPT = mark("✅ {moderator} kept a dream of {person} in the gallery that was reported.")
BARRED = mark("⛔ {moderator} barred {person} from adding to the gallery{reason}.")
UNBARRED = mark("⛔ {moderator} let {person} add to the gallery again.")
CLEARED = mark("🚫 {moderator} took all dreams of {person} ({count}) out of the gallery: {reason}")
HIDDEN = mark("🙈 Reports have hidden a dream of {person} from the gallery. The last one: {reason}")

TOLD = {
    APPROVED: mark("**Approved.** It is in the gallery now."),
    REMOVED: mark("**Removed.**"),
    RESTORED: mark("**Restored.** It is in the gallery again."),
    KEPT: mark("**Kept.** Its reports are gone."),
    BARRED: mark("**Barred.** What is in the gallery stays."),
    UNBARRED: mark("**They may add again.**"),
    CLEARED: mark("**Removed all their dreams** ({count})."),
}
NOT_REACHED = mark("I could not tell them: they take no messages of mine. They see it in /gallery, *Mine*.")


async def approved(interaction: Interaction, entry: Entry) -> None:
    """Tell of an approval."""
    await _log(interaction, APPROVED, entry.person_id)
    await notices.approved(interaction, entry)


async def removed(interaction: Interaction, entry: Entry) -> bool:
    """Tell of a removal; False where its dreamer could not be told."""
    reason = words.because(entry.reason).removeprefix(": ")
    await _log(interaction, REMOVED, entry.person_id, reason=reason)
    return await notices.removed(interaction, entry)


async def restored(interaction: Interaction, entry: Entry) -> None:
    """Tell of an entry that is back."""
    await _log(interaction, RESTORED, entry.person_id)


async def kept(interaction: Interaction, entry: Entry) -> None:
    """Tell of reports that were found to be nothing."""
    await _log(interaction, KEPT, entry.person_id)


async def barred(interaction: Interaction, entry: Entry, reason: str) -> None:
    """Tell of a bar."""
    await _log(interaction, BARRED, entry.person_id, reason=words.because(" ".join(reason.split())))


async def unbarred(interaction: Interaction, bar: Bar) -> None:
    """Tell of a bar that was lifted."""
    await _log(interaction, UNBARRED, bar.person_id)


async def cleared(interaction: Interaction, entries: list[Entry]) -> bool:
    """Tell of all of a person's entries that went; False where they could not be told."""
    reason = words.because(entries[0].reason).removeprefix(": ")
    await _log(interaction, CLEARED, entries[0].person_id, count=len(entries), reason=reason)
    return await notices.cleared(interaction, entries)


async def reported(interaction: Interaction, entry: Entry, reason: str) -> None:
    """After a report, which returned ``entry``: where it hid that, write it into the log channel, with *Restore*."""
    if entry.state is not EntryState.HIDDEN:
        return
    say = logbook.server_language(interaction)
    values = {
        "person": words.person(say, entry.person_id),
        "reason": words.because(" ".join(reason.split())).removeprefix(": "),
    }
    await logbook.gallery(interaction, HIDDEN, restore_button(say, entry.id), **values)


def told(interaction: Interaction, what: str, *, reached: bool = True, **values: Any) -> str:
    """Return what the moderator is told who did it."""
    say = language_of(interaction.locale.value)
    said = say(TOLD[what], **values)
    return said if reached else f"{said} {say(NOT_REACHED)}"


async def _log(interaction: Interaction, what: str, person_id: int | None, **values: Any) -> None:
    person = words.person(logbook.server_language(interaction), person_id)
    await logbook.gallery(interaction, what, moderator=interaction.user.mention, person=person, **values)
