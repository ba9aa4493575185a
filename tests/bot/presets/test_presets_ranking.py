"""What is offered to somebody who types a preset's name."""

from __future__ import annotations

import pytest

from bot.preset import Owner, Preset
from bot.presets.names import key
from bot.presets.ranking import ranked

NAMES = ("Waves at night", "Night lights", "Nightingale", "Puppy slugs", "Träumerei", "夢のかけら")
PRESETS = [Preset(id_, name, key(name), Owner.PERSON, "{}") for id_, name in enumerate(NAMES)]


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("night", ["Night lights", "Nightingale", "Waves at night"]),
        ("NIGHTINGALE", ["Nightingale"]),
        ("gale", ["Nightingale"]),
        ("pupy slugs", ["Puppy slugs"]),
        ("pyp", ["Puppy slugs"]),
        ("slgus", ["Puppy slugs"]),
        ("traumerei", ["Träumerei"]),
        ("夢の", ["夢のかけら"]),
        ("sculpture", []),
    ],
)
def test_the_likest_come_first_slips_forgiven(typed: str, first: list[str]) -> None:
    found = [one.name for one in ranked(typed, PRESETS)]
    assert found[: len(first)] == first
    assert first or not found


def test_all_are_offered_before_anything_is_typed() -> None:
    assert ranked("  ", PRESETS) == PRESETS
