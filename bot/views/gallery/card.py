"""One entry as it is shown: to everybody in a channel, to who opened it, to its dreamer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import discord

from bot.entry import Entry, EntryState
from bot.language import Language
from bot.presets import names
from bot.views import wording
from bot.views.alt_text import alt_text
from bot.views.card import DREAMED, ENDED, Card
from bot.views.gallery import controls
from bot.views.uploads import Upload
from engine.recipe import Recipe
from engine.sentences import mark

Item = discord.ui.Item[Any]

STATES = {
    EntryState.NOMINATED: mark("Members vote on it; it is not in the gallery yet."),
    EntryState.PENDING: mark("It waits for a moderator's approval."),
    EntryState.SHOWN: mark("It is in the gallery."),
    EntryState.HIDDEN: mark("It is hidden until a moderator has looked at it."),
    EntryState.REMOVED: mark("The moderators have taken it out."),
}
REASON = mark("Their reason: {reason}")
NAMED_ON_WEB = mark("On the web page, under your name: {name}")
ON_WEB = mark("On the web page, without your name")
NOT_ON_WEB = mark("Not on the web page")
WITHDRAW = mark("Take **{title}** out of the gallery for good? Its votes go with it.")


def posted(say: Language, entry: Entry, upload: Upload | None) -> Card:
    """Lay out an entry for everybody in a channel; ``upload`` is its picture, attached."""
    row = discord.ui.ActionRow[Any](
        controls.vote_button(entry),
        controls.remix_button(say, entry),
        controls.open_button(say, entry),
        controls.report_button(say, entry),
    )
    return Card(*_shown(say, entry, upload), row, colour=DREAMED)


def opened(
    say: Language,
    entry: Entry,
    upload: Upload | None,
    back: str,
    *,
    theirs: bool = False,
    linked: bool = False,
    moderation: Sequence[Item] = (),
) -> Card:
    """Lay out an entry for who opened it. ``back``: the custom_id of the page to return to.

    ``theirs``: it is their own. ``linked``: it has an address on the web. ``moderation``: buttons of who may moderate.
    """
    with_it: list[Item] = []
    if entry.state is EntryState.SHOWN:
        with_it += [controls.vote_button(entry), controls.remix_button(say, entry)]
    if entry.original_hash is not None:
        with_it.append(controls.original_button(say, entry))
    if entry.state is EntryState.SHOWN:
        with_it.append(controls.share_button(say, entry))
    if linked:
        with_it.append(controls.link_button(say, entry))
    of_it: list[Item] = [discord.ui.Button(label=say("Back"), emoji="◀️", custom_id=back)]
    if theirs:
        of_it.append(controls.own_button(say, entry, mark("It is mine…")))
    elif entry.state is EntryState.SHOWN:
        of_it.append(controls.report_button(say, entry))
    of_it += moderation
    rows = [discord.ui.ActionRow[Any](*row) for row in (with_it, of_it) if row]
    state = [] if entry.state is EntryState.SHOWN else [discord.ui.TextDisplay[Any](say(STATES[entry.state]))]
    return Card(*_shown(say, entry, upload), *state, *rows, colour=DREAMED)


def owned(say: Language, entry: Entry, upload: Upload | None, *, where: str | None, page: bool, heading: str) -> Card:
    """Lay out an entry for its dreamer: how it stands, and what they may decide.

    ``where``: what its server is called, to be named. ``page``: that has a web page. ``heading``: what just happened.
    """
    facts = [f"### {title(say, entry)}", *([heading] if heading else [])]
    if where is not None:
        facts.append(say("In {server}", server=names.shown(where)))
    facts.append(say(STATES[entry.state]))
    if entry.reason and entry.state is EntryState.REMOVED:
        facts.append(say(REASON, reason=names.shown(entry.reason)))
    if page or entry.on_web:
        facts.append(web_words(say, entry))
    facts.append(f"⭐ {entry.votes} · gallery \\#{entry.id}")
    buttons: list[Item] = []
    if entry.on_web or (page and not entry.restricted):
        buttons.append(controls.web_button(say, entry))
    if entry.state is not EntryState.REMOVED:
        buttons.append(controls.withdraw_button(say, entry))
    buttons.append(controls.mine_button(say("Mine"), "◀️"))
    pictures = [] if upload is None else [picture(say, entry, upload)]
    words = discord.ui.TextDisplay[Any]("\n".join(facts))
    return Card(words, *pictures, discord.ui.ActionRow(*buttons), colour=DREAMED)


def asked_before_withdrawing(say: Language, entry: Entry) -> Card:
    """Ask whether an entry is to go for good."""
    row = discord.ui.ActionRow[Any](
        controls.really_withdraw_button(say, entry), controls.own_button(say, entry, mark("Keep it"))
    )
    return Card(discord.ui.TextDisplay(say(WITHDRAW, title=title(say, entry))), row, colour=ENDED)


def told(say: Language, sentence: str, *buttons: Item) -> Card:
    """Lay out a sentence, with what may be pressed then."""
    rows = [discord.ui.ActionRow[Any](*buttons)] if buttons else []
    return Card(discord.ui.TextDisplay(say(sentence)), *rows, colour=DREAMED)


def title(say: Language, entry: Entry) -> str:
    """Return what an entry is called, safe to be shown: its title, or else what is dreamed of."""
    return names.shown(entry.title) if entry.title else wording.about(say, Recipe.from_json(entry.recipe))


def web_words(say: Language, entry: Entry) -> str:
    """Say whether an entry is on the web page."""
    if not entry.on_web:
        return say(NOT_ON_WEB)
    return say(ON_WEB) if entry.credit is None else say(NAMED_ON_WEB, name=names.shown(entry.credit))


def picture(say: Language, entry: Entry, upload: Upload) -> discord.ui.MediaGallery[Any]:
    """Return an entry's picture, which is attached."""
    return discord.ui.MediaGallery(
        discord.MediaGalleryItem(
            f"attachment://{upload.name}",
            description=alt_text(say, Recipe.from_json(entry.recipe)),
            spoiler=entry.spoiler,
        )
    )


def _shown(say: Language, entry: Entry, upload: Upload | None) -> list[Item]:
    """Return an entry's title, dreamer, picture, tags and recipe."""
    recipe = Recipe.from_json(entry.recipe)
    heading = f"### {names.shown(entry.title)}\n" if entry.title else ""
    person = say("Dreamed by {person}", person=f"<@{entry.person_id}>")
    items: list[Item] = [discord.ui.TextDisplay(heading + person)]
    if upload is not None:
        items.append(picture(say, entry, upload))
    tags = [" ".join(f"\\#{names.shown(tag)}" for tag in entry.tags)] if entry.tags else []
    words = f"-# {wording.recipe(say, recipe, seed=True)} · gallery \\#{entry.id}"
    items.append(discord.ui.TextDisplay("\n".join([*tags, words])))
    return items
