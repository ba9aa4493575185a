"""``python -m bot.help.draw`` dreams the pictures of /help on the cup of coffee, those that are missing."""

from __future__ import annotations

import sys
from importlib.resources import files
from pathlib import Path

from bot.help.pages import FOLDER, LOOK_OF, MOODS, PICTURES
from engine.pictures import Picture
from engine.recipe import Recipe

SIZE, SHOWN_SIDE = 512, 320  # pixels, of a dream and of what is shown of it
MOOD_SIZE, MOOD_SIDE = 320, 160
MOST_BYTES = 25_000

RECIPES = {
    "after": Recipe(of=LOOK_OF, size=SIZE),
    "natural": Recipe(of=LOOK_OF, size=SIZE, look="natural"),
    **{mood: Recipe(of=mood, size=MOOD_SIZE, steps=10) for mood in MOODS},
}


def main() -> None:
    """Make the pictures that are missing; remove those that no page shows any more."""
    folder = Path(str(FOLDER))
    folder.mkdir(parents=True, exist_ok=True)
    for file in folder.glob("*.webp"):
        if file.stem not in PICTURES:
            file.unlink()
    for name in PICTURES:
        file = folder / f"{name}.webp"
        if not file.exists():
            file.write_bytes(_drawn(name))
            sys.stderr.write(f"{name}\n")


def _drawn(name: str) -> bytes:
    from engine import pictures

    photo = pictures.decode(files("engine").joinpath("data/coffee.jpg").read_bytes())
    return _encoded(_dreamed(photo, RECIPES[name]) if name in RECIPES else photo, name)


def _dreamed(photo: Picture, recipe: Recipe) -> Picture:
    from engine import Dreamer

    return Dreamer(recipe.network).dream(photo, recipe).picture


def _encoded(picture: Picture, name: str) -> bytes:
    from engine import pictures

    side = MOOD_SIDE if name in MOODS else SHOWN_SIDE
    small = pictures.scaled(picture, side, round(side * picture.height / picture.width))
    encoded = pictures.fit(small, MOST_BYTES)
    if encoded.media_type != "image/webp":
        raise ValueError(f"the picture {name} came out as {encoded.media_type}")
    return encoded.data


if __name__ == "__main__":
    main()
