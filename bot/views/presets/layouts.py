"""Presets as Components V2: the list with its thumbnails, and one preset with what can be done with it."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import discord

from bot.language import Language
from bot.preset import Owner, Preset, Viewer
from bot.presets import names, networks
from bot.presets.service import may_change
from bot.views import wording
from bot.views.card import Card
from engine.errors import RecipeError
from engine.sentences import mark

PAGE = 5  # presets: three components each, and a message holds forty
COLOUR = discord.Colour(0xC08A2E)

# What the buttons do; their classes are in bot.views.presets.buttons, which lay out whole messages.
OPEN, PAGES = "open", "page"
CHOOSE, SHARE, RENAME, MEND = "default", "share", "rename", "mend"
USE, DELETE, REALLY_DELETE, KEEP = "use", "delete", "really-delete", "keep"

OWNERS = {Owner.PERSON: mark("yours"), Owner.SERVER: mark("this server's"), Owner.BUILT_IN: mark("built in")}
HOW_TO_USE = mark("Dream with it: /preset use, or /dream with this preset.")
GONE = mark("Its network {network} is no longer here.")


@dataclass(frozen=True)
class Message:
    """What is sent: the view, and the thumbnails that it shows."""

    view: discord.ui.LayoutView
    files: list[discord.File]


def page(
    say: Language, presets: Sequence[Preset], number: int, thumbnails: Mapping[Preset, bytes], default: Preset | None
) -> Message:
    """Lay out a page of the presets that somebody may use; ``thumbnails`` are of those on it that have one."""
    pages = max(1, -(-len(presets) // PAGE))
    number = min(number, pages - 1)
    heading = say("**Presets** · page {page} of {pages}", page=number + 1, pages=pages)
    items: list[discord.ui.Item[Any]] = [discord.ui.TextDisplay(f"{heading}\n-# {say(HOW_TO_USE)}")]
    here, files = presets[number * PAGE : (number + 1) * PAGE], []
    for preset in here:
        is_default = default is not None and preset.tag == default.tag
        text = f"{title(say, preset, is_default=is_default)}\n-# {words(say, preset)}"
        file = _file(say, preset, thumbnails.get(preset))
        items.append(_beside(text, file))
        files += [file] if file is not None else []
    items.append(discord.ui.ActionRow(_chooser(say, here)))
    if pages > 1:
        back, on = _turn(say("Back"), "◀️", number - 1), _turn(say("More"), "▶️", number + 1)
        back.disabled, on.disabled = number == 0, number == pages - 1
        items.append(discord.ui.ActionRow(back, on))
    return Message(Card(*items, colour=COLOUR), files)


def one(
    say: Language,
    viewer: Viewer,
    preset: Preset,
    thumbnail: bytes | None,
    *,
    is_default: bool = False,
    heading: str | None = None,
) -> Message:
    """Lay out one preset, with the buttons of what ``viewer`` may do with it; ``heading`` says what just happened."""
    file = _file(say, preset, thumbnail)
    lines = [title(say, preset, is_default=is_default), words(say, preset)]
    if heading is not None:
        lines.insert(0, heading)
    items = [_beside("\n".join(lines), file), *_rows(say, viewer, preset, is_default=is_default)]
    return Message(Card(*items, colour=COLOUR), [file] if file is not None else [])


def _rows(say: Language, viewer: Viewer, preset: Preset, *, is_default: bool) -> list[discord.ui.Item[Any]]:
    with_it, of_it = [], []
    if not networks.gone_from(preset):
        with_it.append(_button(USE, preset, say("Dream with it"), "🌀", discord.ButtonStyle.primary))
    if preset.owner is not Owner.SERVER:
        with_it.append(_button(CHOOSE, preset, say("No longer my default") if is_default else say("My default"), "⭐"))
    if preset.owner is not Owner.BUILT_IN:
        with_it.append(_button(SHARE, preset, say("Share"), "📤"))
    if may_change(viewer, preset):
        of_it.append(_button(RENAME, preset, say("Rename"), "✏️"))
        of_it.append(_button(DELETE, preset, say("Delete"), "🗑️", discord.ButtonStyle.danger))
    parts = [[*with_it, _list_button(say)]] if not of_it else [with_it, [*of_it, _list_button(say)]]
    rows: list[discord.ui.Item[Any]] = [discord.ui.ActionRow(*part) for part in parts]
    instead = networks.nearest(preset) if networks.gone_from(preset) and may_change(viewer, preset) else None
    if instead is not None:
        label = say("Dream with {network} instead", network=instead.network)
        rows.append(discord.ui.ActionRow(_button(MEND, preset, label, "🩹", discord.ButtonStyle.primary)))
    return rows


def asked_before_deleting(say: Language, preset: Preset) -> Message:
    """Ask whether a preset is to go for good."""
    question = say("Delete **{name}** for good?", name=names.shown(preset.name))
    row = discord.ui.ActionRow[Any](
        _button(REALLY_DELETE, preset, say("Delete for good"), "🗑️", discord.ButtonStyle.danger),
        _button(KEEP, preset, say("Keep it"), None),
    )
    return Message(Card(discord.ui.TextDisplay(question), row, colour=COLOUR), [])


def told(say: Language, sentence: str) -> Message:
    """Lay out a sentence, with the way back to the list."""
    return Message(Card(discord.ui.TextDisplay(sentence), discord.ui.ActionRow(_list_button(say)), colour=COLOUR), [])


def title(say: Language, preset: Preset, *, is_default: bool) -> str:
    """Name a preset and say whose it is."""
    facts = [f"**{names.shown(preset.name)}**", say(OWNERS[preset.owner])]
    if is_default:
        facts.append(say("your default"))
    return " · ".join(facts)


def words(say: Language, preset: Preset) -> str:
    """Say in a line what a preset dreams of, and how."""
    what = things_of(say, preset)
    try:
        recipe = preset.recipe
    except RecipeError:
        return what
    facts = [what, f"{say(wording.LOOKS[recipe.look])} {recipe.network}"]
    if preset.about:  # written by hand, with all that matters of the rest
        return " · ".join(facts)
    if recipe.where != "everywhere":
        facts.append(say(PLACES[recipe.where]))
    if recipe.keep_colors:
        facts.append(say("the photo's colours stay"))
    if preset.guide_hash is not None:
        facts.append(say("with its own guide picture"))
    return " · ".join(facts)


def in_short(say: Language, preset: Preset) -> str:
    """Say beside a preset's name what it dreams of and, of those that somebody saved, whose it is."""
    what = things_of(say, preset)
    return what if preset.id is None else f"{say(OWNERS[preset.owner])} · {what}"


def things_of(say: Language, preset: Preset) -> str:
    """Say in a few words what a preset dreams of, or why it no longer can."""
    if preset.about:
        return say(preset.about)
    try:
        return wording.about(say, preset.recipe)
    except RecipeError as error:
        gone = networks.gone_from(preset)
        return say(GONE, network=gone) if gone else say.error(error)


PLACES = {
    "subject": mark("on the subject only"),
    "background": mark("on the background only"),
    "mask": mark("where the mask is white"),
}


def _button(
    act: str,
    preset: Preset,
    label: str,
    emoji: str | None,
    style: discord.ButtonStyle = discord.ButtonStyle.secondary,
) -> discord.ui.Button[Any]:
    return discord.ui.Button(label=label[:80], emoji=emoji, style=style, custom_id=f"oneiros:preset:{preset.tag}:{act}")


def _turn(label: str, emoji: str, number: int) -> discord.ui.Button[Any]:
    # Two buttons of one message never have one custom_id: below the first page there is none.
    return discord.ui.Button(label=label, emoji=emoji, custom_id=f"oneiros:presets:{max(number, 0)}:{PAGES}")


def _list_button(say: Language) -> discord.ui.Button[Any]:
    return _turn(say("All presets"), "📚", 0)


def _chooser(say: Language, presets: Sequence[Preset]) -> discord.ui.Select[Any]:
    options = [
        discord.SelectOption(label=preset.name, value=preset.tag, description=in_short(say, preset)[:100])
        for preset in presets
    ]
    return discord.ui.Select(custom_id=f"oneiros:presets:{OPEN}", placeholder=say("Look at one…"), options=options)


def _beside(text: str, file: discord.File | None) -> discord.ui.Item[Any]:
    if file is None:
        return discord.ui.TextDisplay(text)
    picture = discord.ui.Thumbnail[Any](f"attachment://{file.filename}", description=file.description)
    return discord.ui.Section(discord.ui.TextDisplay(text), accessory=picture)


def _file(say: Language, preset: Preset, thumbnail: bytes | None) -> discord.File | None:
    if thumbnail is None:
        return None
    number = preset.tag if preset.id is not None else preset.key.replace(" ", "-")
    shown = say("A cup of coffee, dreamed with the preset {name}.", name=preset.name)
    return discord.File(io.BytesIO(thumbnail), filename=f"preset-{number}.webp", description=shown)
