"""What is suggested while somebody types the options of ``/dream``, in their language."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands
from rapidfuzz.distance import OSA

from bot.language import ENGLISH, Language, language_of
from bot.views import moods
from bot.views.atlas.atlases import Book
from bot.views.atlas.finding import with_channels
from bot.views.completing import MOST_CHOICES, MOST_LETTERS, choice, completing
from bot.views.host import host_of, viewer_of
from bot.views.presets.layouts import in_short
from engine import catalogue, vocabulary
from engine.recipe import MOST_NETWORKS, Recipe
from engine.vocabulary import Suggestion
from engine.vocabulary.layers import about
from engine.vocabulary.shelf import fold
from engine.vocabulary.spelling import tidy
from engine.vocabulary.sums import unfinished

Interaction = discord.Interaction[Any]

MIB = 1024 * 1024


@completing
async def things(interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
    """Suggest what to dream of: the last part of a sum is completed, the rest stays."""
    names, atlases = _networks(interaction), host_of(interaction).atlases
    books = {name: book for name in names if (book := await atlases.find(name)) is not None}
    found = things_for(language_of(interaction.locale.value), typed, names)
    return with_channels(found, typed, names, books)


@completing
async def networks(interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
    """Suggest who dreams; after a plus, who else."""
    return networks_for(language_of(interaction.locale.value), typed)


@completing
async def atlases(interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
    """Suggest the networks that have an atlas."""
    there = await host_of(interaction).atlases.networks()
    return [one for one in networks_for(language_of(interaction.locale.value), typed) if one.value in there]


@completing
async def layers(interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
    """Suggest the layers of the atlas of the network that is chosen, or else of the first one."""
    kept, named = host_of(interaction).atlases, getattr(interaction.namespace, "network", None)
    return layers_for(language_of(interaction.locale.value), typed, await (kept.of(named) if named else kept.first()))


@completing
async def presets(interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
    """Suggest presets that whoever types may use, each with what it dreams of."""
    say = language_of(interaction.locale.value)
    found = await host_of(interaction).presets.search(viewer_of(interaction), typed)
    return [choice(f"{one.name} · {in_short(say, one)}", one.reference) for one in found]


def things_for(say: Language, typed: str, networks: tuple[str, ...]) -> list[app_commands.Choice[str]]:
    """Return the suggestions for what to dream of by ``networks``, the best first."""
    found = vocabulary.search(typed, networks, MOST_CHOICES, MOST_LETTERS)
    before, last = unfinished(tidy(typed))
    if say.code != ENGLISH and last:
        found = _with_translated(say, found, before, fold(last), networks)[:MOST_CHOICES]
    names = [one.value[len(before) :] for one in found]
    return [
        choice(_shown(say, one, before, name in vocabulary.moods()), one.value)
        for one, name in zip(found, names, strict=True)
    ]


def _shown(say: Language, one: Suggestion, before: str, is_mood: bool) -> str:
    title = before + moods.named(say, one.value[len(before) :]) if is_mood else one.title
    return f"{title} · {say(one.about)}"


def _with_translated(
    say: Language, found: list[Suggestion], before: str, words: str, networks: tuple[str, ...]
) -> list[Suggestion]:
    """Return what ``words`` find in English, and what they find among the moods in another language.

    What has them in its name goes before what only has them in its description, or nearly.
    """
    # Of these words the engine knows none; it tells whether anything may follow what stands before them.
    offered = {one.value: one for one in vocabulary.search(before, networks, len(vocabulary.moods()), MOST_LETTERS)}
    theirs = [(score, offered[before + mood]) for score, mood in moods.found(say, words) if before + mood in offered]
    clear = [one for one in found if words in fold(one.title[len(before) :])]
    named = [one for score, one in theirs if score >= moods.NAMED]
    return list({one.value: one for one in [*named, *clear, *(one for _, one in theirs), *found]}.values())


def networks_for(say: Language, typed: str) -> list[app_commands.Choice[str]]:
    """Return the suggestions for who dreams."""
    names = [name.strip() for name in typed.split("+")]
    chosen, last = names[:-1], names[-1].casefold()
    if len(chosen) >= MOST_NETWORKS:
        return []
    before = "".join(f"{name}+" for name in chosen)
    scored = [
        (_network_score(last, facts), facts) for name, facts in catalogue.networks().items() if name not in chosen
    ]
    found = [facts for score, facts in sorted(scored, key=lambda one: -one[0]) if score >= moods.ALIKE]
    return [choice(before + _described(say, facts), before + facts.name) for facts in found]


def layers_for(say: Language, typed: str, book: Book) -> list[app_commands.Choice[str]]:
    """Return the layers of an atlas whose names, or what is said of them, have what is typed."""
    named = {layer: f"{layer} · {say(about(book.network.layers[layer]))}" for layer in book.layers}
    return [choice(shown, layer) for layer, shown in named.items() if typed.strip().casefold() in shown.casefold()]


def _network_score(typed: str, facts: catalogue.NetworkFacts) -> float:
    name, title = facts.name.casefold(), facts.title.casefold()
    if name.startswith(typed) or title.startswith(typed):
        return 3.0
    if typed in name or typed in title:
        return 2.0
    return max(OSA.normalized_similarity(typed, one[: len(typed) + 1]) for one in (name, title))


def _described(say: Language, facts: catalogue.NetworkFacts) -> str:
    about = say(facts.about)
    if facts.embedded:
        return f"{facts.name} · {about}"
    size = round(facts.weights_bytes / MIB)
    return say("{name} · downloaded first ({size} MiB) · {about}", name=facts.name, size=size, about=about)


def _networks(interaction: Interaction) -> tuple[str, ...]:
    """Return the networks that are chosen so far, the default ones where that is none."""
    default = Recipe.model_fields["network"].default
    named = str(getattr(interaction.namespace, "network", None) or default)
    names = tuple(dict.fromkeys(name.strip() for name in named.split("+")))[:MOST_NETWORKS]
    return names if all(name in catalogue.networks() for name in names) else (default,)
