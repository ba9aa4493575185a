"""``python -m bot.presets.draw`` dreams the thumbnails of the built-in presets, and puts them into the docs."""

from __future__ import annotations

import sys
from importlib.resources import files
from pathlib import Path

from bot.preset import Preset
from bot.presets.built_in import built_in, file_of
from bot.presets.thumbnails import SEED, SIDE

FOLDER = Path(__file__).parents[1] / "data" / "presets"
PAGE = Path(__file__).parents[2] / "docs" / "presets.md"
BEGIN, END = "<!-- built-in -->\n", "<!-- /built-in -->"
SHOWN_SIDE = 160  # pixels
MOST_BYTES = 10 * 1024


def main() -> None:
    """Make those that are missing; remove those of presets that are no more."""
    FOLDER.mkdir(exist_ok=True)
    wanted = {file_of(preset): preset for preset in built_in().values()}
    for file in FOLDER.glob("*.webp"):
        if file.name not in wanted:
            file.unlink()
    for name, preset in wanted.items():
        if not (FOLDER / name).exists():
            (FOLDER / name).write_bytes(_drawn(preset))
            sys.stderr.write(f"{preset.name}\n")

    text = PAGE.read_text(encoding="utf-8")
    before, after = text.partition(BEGIN)[0], text.partition(END)[2]
    PAGE.write_text(f"{before}{BEGIN}{table()}{END}{after}", encoding="utf-8")


def table() -> str:
    """Return the table of the built-in presets in ``docs/presets.md``."""
    lines = ["| | preset | what one sees |", "|---|---|---|"]
    lines += [
        f"| ![{one.name}](../bot/data/presets/{file_of(one)}) | *{one.name}* | {one.about} |"
        for one in built_in().values()
    ]
    return "\n".join([*lines, ""])


def _drawn(preset: Preset) -> bytes:
    from engine import Dreamer, pictures

    photo = pictures.decode(files("engine").joinpath("data/coffee.jpg").read_bytes())
    recipe = preset.recipe.model_copy(update={"size": SIDE, "seed": SEED})
    dreamed = Dreamer(recipe.network).dream(photo, recipe).picture
    small = pictures.scaled(dreamed, SHOWN_SIDE, round(SHOWN_SIDE * dreamed.height / dreamed.width))
    encoded = pictures.fit(small, MOST_BYTES)
    if encoded.media_type != "image/webp":
        raise ValueError(f"the thumbnail of {preset.name} came out as {encoded.media_type}")
    return encoded.data


if __name__ == "__main__":
    main()
