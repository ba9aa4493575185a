"""What a dreamed picture says to somebody who does not see it: written from its recipe."""

from __future__ import annotations

from bot.language import Language
from bot.views import wording
from engine.recipe import Recipe
from engine.sentences import mark

LONGEST = 1024  # characters that Discord takes

LOOKS = {
    "classic": mark("A photo turned into a dream of {things}: a DeepDream picture in the wild look of 2015."),
    "natural": mark(
        "A photo out of whose own shapes grows a dream of {things}: a DeepDream picture in the natural look."
    ),
}
# How strong the dream is, up to which measure of ``strength``: seen on the cup of coffee.
STRENGTHS = (
    (0.45, mark("The dream is gentle: the photo is easily recognised.")),
    (1.3, mark("The dream is strong: the photo can still be made out under it.")),
    (float("inf"), mark("The dream is very strong: little of the photo can be made out.")),
)
PLACES = {
    "subject": mark("Only the subject is dreamed; what is behind it is the photo as it was."),
    "background": mark("Only the background is dreamed; the subject is the photo as it was."),
    "mask": mark("Only a chosen part is dreamed; the rest is the photo as it was."),
}
KEPT_COLORS = mark("Its colours are the photo's own.")


def alt_text(say: Language, of: Recipe) -> str:
    """Describe a dreamed picture in at most 1024 characters: what the photo became, look, strength, where."""
    things = wording.about(say, of)
    text = _text(say, of, things)
    if len(text) <= LONGEST:
        return text
    return _text(say, of, f"{things[: len(things) - (len(text) - LONGEST) - 1].rstrip()}…")


def strength(of: Recipe) -> float:
    """Measure how much a recipe changes a photo: 1 is the classic look as it is by default, 0.3 the natural one."""
    usual = Recipe() if of.look == "classic" else Recipe(look="natural")
    by_octave = (
        [of.strengths[min(octave, len(of.strengths) - 1)] for octave in range(of.octaves)] if of.strengths else []
    )
    mean = sum(by_octave) / len(by_octave) if by_octave else 1.0
    return mean * (of.steps * of.step_size) / (usual.steps * usual.step_size) * (1 - of.likeness)


def _text(say: Language, of: Recipe, things: str) -> str:
    parts = [
        say(LOOKS[of.look], things=things),
        say(next(words for most, words in STRENGTHS if strength(of) <= most)),
    ]
    if of.where in PLACES:
        parts.append(say(PLACES[of.where]))
    if of.keep_colors:
        parts.append(say(KEPT_COLORS))
    return " ".join(parts)
