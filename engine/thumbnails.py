"""Dreams each mood on the cup of coffee, for the page that shows them: ``docs/moods.md``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from engine import pictures
from engine.dreamer import Dreamer
from engine.pictures import Picture
from engine.recipe import Recipe
from engine.vocabulary import Class, Mood, moods

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "moods.md"
FOLDER = ROOT / "docs" / "moods"
PHOTO = Path(__file__).with_name("data") / "coffee.jpg"

NETWORK = "lite2"
SIZE, STEPS = 320, 10
SIDE, QUALITY = 160, 80  # of a thumbnail, in pixels and JPEG's own measure
MOST_BYTES = 12_000


def file_of(mood: Mood) -> str:
    """Return the name of a mood's thumbnail in ``FOLDER``."""
    return f"{mood.name.replace(' ', '-')}.jpg"


def page() -> str:
    """Return the text of ``docs/moods.md``."""
    lines = [
        "# Moods",
        "",
        f"What we saw a network dream well, by its name: each on the same cup of coffee, {SIZE} pixels wide, with "
        f"{STEPS} steps and else the default recipe; what is made of ImageNet's classes only, in the natural look. "
        'Write it after `--of`, alone or in a sum: `--of "eyes + 0.5 coral"`. What else can be dreamed of: '
        "[words.md](words.md). `python -m engine words` lists the moods in the shell; this page and its pictures are "
        "made by `python -m engine.thumbnails`.",
        "",
        "| | mood | what one sees |",
        "|---|---|---|",
    ]
    lines += [f"| ![{mood.name}](moods/{file_of(mood)}) | `{mood.name}` | {mood.about} |" for mood in moods().values()]
    return "\n".join(lines) + "\n"


def recipe_of(mood: Mood) -> Recipe:
    """Return how a mood's thumbnail is dreamed: in the classic look, but what is classes only in the natural one."""
    recipe = Recipe(network=NETWORK, of=mood.name, size=SIZE, steps=STEPS)
    if all(isinstance(term.what, Class) for term in recipe.terms()):
        return Recipe(network=NETWORK, of=mood.name, size=SIZE, look="natural")
    return recipe


def write(tell: Callable[[str], object]) -> None:
    """Write the page and its pictures; ``tell`` is called with the name of each when it is there."""
    FOLDER.mkdir(exist_ok=True)
    photo = pictures.decode(PHOTO.read_bytes())
    dreamer = Dreamer(NETWORK)
    for mood in moods().values():
        (FOLDER / file_of(mood)).write_bytes(_thumbnail(dreamer, photo, mood))
        tell(mood.name)
    named = {file_of(mood) for mood in moods().values()}
    for file in FOLDER.glob("*.jpg"):
        if file.name not in named:
            file.unlink()
    PAGE.write_text(page(), encoding="utf-8")


def _thumbnail(dreamer: Dreamer, photo: Picture, mood: Mood) -> bytes:
    dreamed = dreamer.dream(photo, recipe_of(mood)).picture
    small = pictures.scaled(dreamed, SIDE, round(SIDE * dreamed.height / dreamed.width))
    data = pictures.encode_jpeg(small, max_side=SIDE, quality=QUALITY)
    if len(data) > MOST_BYTES:
        raise ValueError(f"The thumbnail of {mood.name} has {len(data)} bytes, and no more than {MOST_BYTES} may be.")
    return data


if __name__ == "__main__":
    import sys

    write(lambda name: sys.stderr.write(f"{name}\n"))
