"""What is suggested while somebody types the options of ``/dream``, in their language."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import discord
from discord import app_commands
from rapidfuzz.distance import OSA

from bot.language import ENGLISH, Language, language_of
from bot.views.completing import MOST_CHOICES, MOST_LETTERS, choice, completing
from engine import catalogue, vocabulary
from engine.recipe import MOST_NETWORKS, Recipe
from engine.vocabulary import Suggestion
from engine.vocabulary.shelf import fold
from engine.vocabulary.spelling import tidy
from engine.vocabulary.sums import unfinished

Interaction = discord.Interaction[Any]

ALIKE = 0.66  # of a word's letters that are right: as the engine forgives in English
NAMED = 2.0  # the score from which on what was typed is in a name
MIB = 1024 * 1024


@completing
async def things(interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
    """Suggest what to dream of: the last part of a sum is completed, the rest stays."""
    return things_for(language_of(interaction.locale.value), typed, _networks(interaction))


@completing
async def networks(interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
    """Suggest who dreams; after a plus, who else."""
    return networks_for(language_of(interaction.locale.value), typed)


def things_for(say: Language, typed: str, networks: tuple[str, ...]) -> list[app_commands.Choice[str]]:
    """Return the suggestions for what to dream of by ``networks``, the best first."""
    found = vocabulary.search(typed, networks, MOST_CHOICES, MOST_LETTERS)
    before, last = unfinished(tidy(typed))
    if say.code != ENGLISH and last:
        found = _with_translated(say, found, before, fold(last), networks)
    moods = vocabulary.moods()
    names = [one.value[len(before) :] for one in found]
    return [choice(_shown(say, one, before, name in moods), one.value) for one, name in zip(found, names, strict=True)]


def _shown(say: Language, one: Suggestion, before: str, is_mood: bool) -> str:
    title = before + say(one.value[len(before) :]) if is_mood else one.title
    return f"{title} · {say(one.about)}"


def _with_translated(
    say: Language, found: list[Suggestion], before: str, words: str, networks: tuple[str, ...]
) -> list[Suggestion]:
    """Return what ``words`` find in English, and what they find among the moods in another language.

    What has them in its name goes before what only has them in its description, or nearly.
    """
    # Of these words the engine knows none; it tells whether anything may follow what stands before them.
    offered = {one.value: one for one in vocabulary.search(before, networks, len(vocabulary.moods()), MOST_LETTERS)}
    scored = [(_score(words, name, about), offered.get(before + mood)) for mood, name, about in _moods_in(say)]
    theirs = [(score, one) for score, one in sorted(scored, key=lambda of: -of[0]) if one and score >= ALIKE]
    clear = [one for one in found if words in fold(one.title[len(before) :])]
    ordered = [*(one for score, one in theirs if score >= NAMED), *clear, *(one for _, one in theirs), *found]
    return list({one.value: one for one in ordered}.values())


def _score(words: str, name: str, about: str) -> float:
    """Return how well folded words, typed so far, fit a folded name and what it is about."""
    if not words:
        return 0.0
    if name.startswith(words):
        return 4.0 if name == words else 3.0
    if words in name:
        return 2.5 if f" {words}" in name else NAMED
    if f" {words}" in f" {about}":
        return 1.5
    begun = name[: len(words) + 1]
    return max(OSA.normalized_similarity(words, name), OSA.normalized_similarity(words, begun) - 0.1)


@lru_cache(maxsize=16)
def _moods_in(say: Language) -> list[tuple[str, str, str]]:
    return [(mood.name, fold(say(mood.name)), fold(say(mood.about))) for mood in vocabulary.moods().values()]


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
    found = [facts for score, facts in sorted(scored, key=lambda one: -one[0]) if score >= ALIKE]
    return [choice(before + _described(say, facts), before + facts.name) for facts in found]


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
