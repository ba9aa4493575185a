"""The presets that come with the bot."""

from __future__ import annotations

import io
import subprocess
import sys

import pytest
from PIL import Image

from bot.presets import names
from bot.presets.built_in import built_in, thumbnail
from bot.presets.draw import BEGIN, END, FOLDER, MOST_BYTES, PAGE, SHOWN_SIDE, table

EACH = pytest.mark.parametrize("name", list(built_in()))


def test_there_are_at_least_twelve_of_different_recipes() -> None:
    assert len({preset.text for preset in built_in().values()}) == len(built_in()) >= 12


@EACH
def test_each_has_a_name_a_line_about_it_and_a_recipe_that_can_be_dreamed(name: str) -> None:
    preset = built_in()[name]
    assert names.checked(preset.name) == preset.name
    assert preset.about
    assert len(preset.about) <= 100
    assert "\n" not in preset.about
    assert preset.recipe.terms()
    assert {"lite0", "lite2"} >= set(preset.recipe.networks), "their weights come along"
    assert (preset.recipe.guide, preset.recipe.mask) == (None, None)


@EACH
def test_each_has_a_small_thumbnail(name: str) -> None:
    data = thumbnail(built_in()[name])
    assert len(data) <= MOST_BYTES
    with Image.open(io.BytesIO(data)) as image:
        assert image.format == "WEBP"
        assert max(image.size) == SHOWN_SIDE


def test_there_are_no_thumbnails_of_others() -> None:
    assert len(list(FOLDER.iterdir())) == len(built_in())


def test_reading_them_loads_no_torch() -> None:
    code = "import sys; from bot.presets.built_in import built_in; built_in(); sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_page_shows_each() -> None:
    shown = PAGE.read_text(encoding="utf-8").partition(BEGIN)[2].partition(END)[0]
    assert shown == table(), "run python -m bot.presets.draw"
