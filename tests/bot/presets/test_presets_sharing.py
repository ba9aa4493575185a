"""Files that presets are shared as, from friends and from others."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import UserError
from bot.preset import Owner, Preset
from bot.presets import sharing
from engine.errors import EngineError
from engine.recipe import Recipe

RECIPE = Recipe(of="eyes", steps=9)
PRESET = Preset(7, "Träume", "traume", Owner.PERSON, RECIPE.to_json(), created_by=1)


def a_file(**changes: Any) -> bytes:
    whole = {"kind": "oneiros-preset", "version": 1, "name": "Cup", "recipe": RECIPE.model_dump(mode="json")}
    return json.dumps({**whole, **changes}).encode()


def test_a_file_is_read_back_as_the_same_preset() -> None:
    shared = sharing.read(sharing.written(PRESET))
    assert (shared.name, shared.recipe) == (PRESET.name, RECIPE)


def test_a_file_names_no_picture_of_ours_and_says_nothing_of_who_made_it() -> None:
    guided = Recipe(of="guide", guide="a" * 64)
    written = sharing.written(
        Preset(7, "Cup", "cup", Owner.PERSON, guided.to_json(), guide_hash="b" * 64, created_by=4711)
    )
    assert not any(secret in written for secret in (b"a" * 64, b"b" * 64, b"4711"))
    claimed = sharing.read(a_file(recipe=guided.model_dump(mode="json")))
    assert claimed.recipe.guide is None


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "no preset's file"),
        (b"\x89PNG\r\n\x1a\n", "no preset's file"),
        (b"[1, 2]", "no preset's file"),
        (b"[" * 10_000, "no preset's file"),
        (b"null", "no preset's file"),
        (b" " * 20_000, "too large"),
        (a_file(kind="recipe"), "no preset's file"),
        (a_file(name=7), "no preset's file"),
        (a_file(version=2), "newer version"),
        (a_file(recipe="dogs"), "cannot be used"),
        (a_file(recipe=None), "cannot be used"),
        (a_file(recipe={"steps": 10**9}), "steps"),
        (a_file(recipe={"size": 8001}), "less than or equal to 8000"),
        (a_file(recipe={"network": "lite9"}), "no network “lite9”. Did you mean lite"),
        (a_file(recipe={"of": "nothing known"}), "nothing known"),
        (a_file(recipe={"shell": "rm"}), "shell"),
        (a_file(recipe={"version": 99}), "another version"),
        (a_file(recipe={"step_size": 1e999}), "step_size"),
    ],
)
def test_a_file_of_no_use_is_refused_in_a_sentence(data: bytes, words: str) -> None:
    with pytest.raises((UserError, EngineError), match=words):
        sharing.read(data)


@given(
    st.binary(max_size=200) | st.recursive(st.none() | st.text(), st.lists).map(lambda one: json.dumps(one).encode())
)
def test_whatever_a_file_holds_it_is_refused_in_a_sentence(data: bytes) -> None:
    with pytest.raises((UserError, EngineError)):
        sharing.read(data)
