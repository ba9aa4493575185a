"""What a picture says to somebody who does not see it."""

import pytest

from bot.language import LANGUAGES, language_of
from bot.views.alt_text import LONGEST, alt_text
from engine.recipe import Recipe

ENGLISH = language_of("en-US")


@pytest.mark.parametrize(
    ("recipe", "words"),
    [
        (Recipe(of="dogs"), ["dog faces", "wild", "strong"]),
        (Recipe(of="castle", look="natural"), ["castle", "natural", "gentle", "easily recognised"]),
        (Recipe(of="eyes", likeness=0.9), ["eyes", "gentle"]),
        (Recipe(of="eyes", steps=60), ["very strong"]),
        (Recipe(of="eyes", strengths=(0.0, 0.1)), ["gentle"]),
        (Recipe(of="eyes", where="subject"), ["Only the subject"]),
        (Recipe(of="eyes", where="background"), ["Only the background"]),
        (Recipe(of="eyes", where="mask"), ["Only a chosen part"]),
        (Recipe(of="eyes", keep_colors=True), ["colours are the photo's own"]),
    ],
    ids=lambda one: str(one)[:40],
)
def test_it_says_what_the_photo_became_in_which_look_how_strongly_and_where(recipe: Recipe, words: list[str]) -> None:
    said = alt_text(ENGLISH, recipe)
    assert [word for word in words if word not in said] == [], said


def test_what_is_as_usual_is_not_said() -> None:
    said = alt_text(ENGLISH, Recipe(of="dogs"))
    assert "Only" not in said
    assert "colours" not in said


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("count", [1, 4, 8])
def test_it_is_never_longer_than_discord_takes(count: int, code: str) -> None:
    of = " + ".join(["great white shark", "dogs", "temples", "carousel"] * 2)
    things = " + ".join(of.split(" + ")[:count])
    said = alt_text(language_of(code), Recipe(of=things, where="subject", keep_colors=True))
    assert 0 < len(said) <= LONGEST


def test_too_many_things_are_cut_and_the_rest_is_still_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.views.wording.about", lambda *_: "dogs and " * 300)
    said = alt_text(ENGLISH, Recipe(of="dogs", where="subject"))
    assert len(said) == LONGEST or len(said) == LONGEST - 1
    assert "…:" in said
    assert said.endswith("as it was.")
