"""The moderators' panel, laid out: what there is to do, an entry with what can be decided, people, the log."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import discord

from bot.entry import EntryState
from bot.language import Language
from bot.store.gallery.acts import Acted
from bot.store.gallery.decisions import Bar, Report
from bot.store.gallery.queues import Numbers, Place, Queue, Standing, Way
from bot.views import wording
from bot.views.admission import plain
from bot.views.alt_text import alt_text
from bot.views.card import DREAMED, ENDED, Card
from bot.views.gallery.moderation import ids, words
from bot.views.gallery.moderation.ids import About
from bot.views.gallery.visiting import custom_id
from bot.views.uploads import Upload
from engine.recipe import Recipe
from engine.sentences import mark

LISTED = 8  # lines of the log or of people: all texts of a message have 4000 characters, a reason has 300
MOST_REPORTS = 5

HEADING = mark("**Moderate the gallery**\n-# What you decide is kept in the log, with your name.")
NOTHING_TO_DO = mark("Nothing waits for you.")
UNSEEN = mark("-# From an age-restricted channel: open this in such a channel to see it.")
NO_PICTURE = mark("-# Its picture cannot be shown.")

Item = discord.ui.Item[Any]
Style = discord.ButtonStyle


@dataclass(frozen=True)
class Sight:
    """An entry as a moderator is shown it. ``hidden_here``: it may not be seen where they are."""

    standing: Standing
    upload: Upload | None
    reports: Sequence[Report]
    last: Acted | None
    hidden_here: bool = False


def home(say: Language, of: Numbers, told: str | None = None) -> Card:
    """Lay out what there is to do; ``told`` says what was just done."""
    lines = [
        say.many("{count} dream waits for approval", "{count} dreams wait for approval", of.waiting),
        say.many("{count} dream is reported", "{count} dreams are reported", of.reported),
        say.many("{count} dream is hidden", "{count} dreams are hidden", of.hidden),
        say.many("{count} dream was removed", "{count} dreams were removed", of.removed),
        say.many("{count} person is barred", "{count} people are barred", of.barred),
    ]
    counts = (of.waiting, of.reported, of.hidden, of.removed, of.barred)
    said = "\n".join(f"- {line}" for line, count in zip(lines, counts, strict=True) if count)
    queues = (
        (Queue.WAITING, say("Waiting"), "⏳", of.waiting),
        (Queue.REPORTED, say("Reported"), "🚩", of.reported),
        (Queue.OUT, say("Hidden and removed"), "🙈", of.hidden + of.removed),
    )
    buttons = [
        discord.ui.Button[Any](
            label=label, emoji=emoji, custom_id=ids.turn_id(Place(queue), Way.HERE), disabled=count == 0
        )
        for queue, label, emoji, count in queues
    ]
    barred = discord.ui.Button[Any](
        label=say("Barred people"), emoji="⛔", custom_id=custom_id(ids.BARS, 0), disabled=of.barred == 0
    )
    log = discord.ui.Button[Any](label=say("Log"), emoji="📜", custom_id=custom_id(ids.LOG, 0))
    clear = discord.ui.UserSelect[Any](custom_id=custom_id(ids.CLEAR, 0), placeholder=say("Clear a person…"))
    return Card(
        *_told(told),
        discord.ui.TextDisplay(f"{say(HEADING)}\n{said or say(NOTHING_TO_DO)}"),
        discord.ui.ActionRow(*buttons, barred, log),
        discord.ui.ActionRow(clear),
        colour=DREAMED,
    )


def empty(say: Language, queue: Queue, told: str | None = None) -> Card:
    """Lay out that a queue is empty."""
    return Card(
        *_told(told),
        discord.ui.TextDisplay(say(words.EMPTY[queue])),
        discord.ui.ActionRow(_home(say)),
        colour=ENDED,
    )


def entry(say: Language, of: Sight, told: str | None = None) -> Card:
    """Lay out an entry of a queue, with what can be decided; ``told`` says what was just done."""
    standing = of.standing
    heading = say(words.HEADINGS[standing.place.queue], number=standing.number, count=standing.count)
    items: list[Item] = [*_told(told), discord.ui.TextDisplay(heading), *_picture(say, of)]
    items.append(discord.ui.TextDisplay(wording.shortened(_about(say, of))))
    if of.reports:
        lines = [f"- {words.reported(say, one)}" for one in of.reports[:MOST_REPORTS]]
        more = standing.entry.reports - len(lines)
        if more > 0:
            lines.append(f"-# {say('and {count} more', count=more)}")
        items.append(discord.ui.TextDisplay("\n".join(lines)))
    items.append(discord.ui.ActionRow(*_decisions(say, of)))
    items.append(discord.ui.ActionRow(*_turns(say, standing), _home(say)))
    return Card(*items, colour=DREAMED)


def _about(say: Language, of: Sight) -> str:
    entry = of.standing.entry
    lines = [say("Dreamed by {person}", person=f"<@{entry.person_id}>") + f" · {words.moment(entry.created_at)}"]
    if entry.title and not of.hidden_here:
        lines.insert(0, f"**{plain(entry.title)}**")
    if entry.tags and not of.hidden_here:
        lines.append(" ".join(f"\\#{plain(tag)}" for tag in entry.tags))
    if entry.state in (EntryState.HIDDEN, EntryState.REMOVED):
        lines.append(words.why_out(say, entry, of.last))
    lines.append(f"-# {wording.recipe(say, Recipe.from_json(entry.recipe))}")
    return "\n".join(lines)


def _picture(say: Language, of: Sight) -> list[Item]:
    if of.upload is None:
        return [discord.ui.TextDisplay(say(UNSEEN if of.hidden_here else NO_PICTURE))]
    entry = of.standing.entry
    shown = discord.MediaGalleryItem(
        f"attachment://{of.upload.name}",
        description=alt_text(say, Recipe.from_json(entry.recipe)),
        spoiler=entry.spoiler,
    )
    return [discord.ui.MediaGallery(shown)]


def _decisions(say: Language, of: Sight) -> list[Any]:
    standing = of.standing
    about = About(standing.entry.id, standing.entry.state, standing.place)
    buttons = []
    if standing.place.queue is Queue.WAITING:
        buttons.append(_decide(ids.APPROVE, about, say("Approve"), "✅", Style.success))
    if standing.place.queue is Queue.REPORTED:
        buttons.append(_decide(ids.DISMISS, about, say("Keep"), "✅", Style.success))
    if standing.place.queue is Queue.OUT:
        buttons.append(_decide(ids.RESTORE, about, say("Restore"), "↩️", Style.success))
    if standing.entry.state is not EntryState.REMOVED:
        buttons.append(_decide(ids.REMOVE, about, say("Remove…"), "🚫", Style.danger))
    buttons.append(_decide(ids.BAR, about, say("Bar the dreamer…"), "⛔", Style.secondary))
    return buttons


def _decide(act: str, about: About, label: str, emoji: str, style: Style) -> discord.ui.Button[Any]:
    return discord.ui.Button(label=label, emoji=emoji, style=style, custom_id=about.custom_id(act))


def _turns(say: Language, of: Standing) -> list[discord.ui.Button[Any]]:
    before, after = ids.turn_id(of.place, Way.BEFORE), ids.turn_id(of.place, Way.NEXT)
    return [
        discord.ui.Button(label=say("Back"), emoji="◀️", custom_id=before, disabled=of.number == 1),
        discord.ui.Button(label=say("More"), emoji="▶️", custom_id=after, disabled=of.number == of.count),
    ]


def bars(say: Language, found: Sequence[Bar], told: str | None = None) -> Card:
    """Lay out who is barred, up to ``LISTED`` of them; ``found`` has one more where there are more."""
    here = found[:LISTED]
    lines = [f"{number}. {words.barred(say, one)}" for number, one in enumerate(here, 1)]
    items: list[Item] = [*_told(told)]
    items.append(discord.ui.TextDisplay("\n".join([say("**Barred people**"), *lines]) if here else say(words.NO_BARS)))
    buttons = [_home(say)]
    if here:
        options = [
            discord.SelectOption(label=say("Let number {number} add again", number=number), value=str(one.id))
            for number, one in enumerate(here, 1)
        ]
        placeholder = say("Let somebody add again…")
        menu = discord.ui.Select[Any](custom_id=custom_id(ids.UNBAR, 0), options=options, placeholder=placeholder)
        items.append(discord.ui.ActionRow(menu))
    if len(found) > LISTED:
        more = discord.ui.Button[Any](label=say("More"), emoji="▶️", custom_id=custom_id(ids.BARS, here[-1].id))
        buttons.insert(0, more)
    return Card(*items, discord.ui.ActionRow(*buttons), colour=DREAMED)


def log(say: Language, found: Sequence[Acted], *, newest: bool) -> Card:
    """Lay out what was done, up to ``LISTED`` lines; ``found`` has one more where there are older ones."""
    here = found[:LISTED]
    lines = [f"- {words.acted(say, one)}" for one in here]
    buttons = []
    if not newest:
        buttons.append(discord.ui.Button[Any](label=say("Newest"), emoji="⏮️", custom_id=custom_id(ids.LOG, 0)))
    if len(found) > LISTED:
        older = discord.ui.Button[Any](label=say("Older"), emoji="▶️", custom_id=custom_id(ids.LOG, here[-1].id))
        buttons.append(older)
    return Card(
        discord.ui.TextDisplay(say("**What was done in the gallery**")),
        discord.ui.TextDisplay("\n".join(lines) or say(words.NO_ACTS)),
        discord.ui.ActionRow(*buttons, _home(say)),
        colour=ENDED,
    )


def asked_to_clear(say: Language, person_id: int, count: int) -> Card:
    """Ask whether all of a person's entries are to go."""
    question = say.many(
        "**Remove the dream of {person}?** It goes from the gallery and its web page at once. You are asked for a "
        "reason, which they are told; it can be restored later.",
        "**Remove {count} dreams of {person}?** They go from the gallery and its web page at once. You are asked for a "
        "reason, which they are told; each can be restored later.",
        count,
        person=f"<@{person_id}>",
    )
    really = discord.ui.Button[Any](
        label=say.many("Remove {count} dream…", "Remove {count} dreams…", count),
        emoji="🚫",
        style=Style.danger,
        custom_id=custom_id(ids.REALLY_CLEAR, person_id),
    )
    return Card(discord.ui.TextDisplay(question), discord.ui.ActionRow(really, _home(say)), colour=ENDED)


def _told(told: str | None) -> list[Item]:
    return [] if told is None else [discord.ui.TextDisplay(told)]


def _home(say: Language) -> discord.ui.Button[Any]:
    return discord.ui.Button(label=say("Overview"), emoji="🛡️", custom_id=custom_id(ids.HOME, 0))
