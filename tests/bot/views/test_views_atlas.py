"""The atlas as the chat reads it: what is typed, what is suggested, what is drawn."""

from __future__ import annotations

import asyncio
import contextlib
import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from bot.errors import UserError
from bot.language import language_of
from bot.views.atlas import drawing
from bot.views.atlas.atlases import KEPT, Atlases, Book
from bot.views.atlas.finding import with_channels
from bot.views.atlas.forms import cell_typed
from bot.views.atlas.layouts import MOST_OPTIONS, around
from bot.views.suggestions import things_for
from engine import vocabulary
from engine.atlas import CAPTION, CELL, COLUMNS
from engine.errors import EngineError
from engine.vocabulary.terms import Channels

ENGLISH = language_of("en-US")


async def _books() -> dict[str, Book]:
    atlases = Atlases()
    return {name: await atlases.of(name) for name in await atlases.networks()}


BOOKS = asyncio.run(_books())
LITE2 = BOOKS["lite2"]


def suggested(typed: str, *networks: str) -> list[Any]:
    names = networks or ("lite2",)
    return with_channels(things_for(ENGLISH, typed, names), typed, names, BOOKS)


def values(typed: str, *networks: str) -> list[str]:
    return [one.value for one in suggested(typed, *networks)]


@pytest.mark.parametrize("typed", ["channel 4:1", "channel blocks.4:1", "4:1", "Feature Channel 4 1", "layer 4:1"])
def test_a_layer_and_the_beginning_of_a_number_suggest_channels_the_very_one_first(typed: str) -> None:
    found = suggested(typed)
    expected = [1, *range(10, 20), *range(100, 120)]
    assert [one.value for one in found][:25] == [f"channel blocks.4:{number}" for number in expected][:25]
    words = LITE2.cell("blocks.4", 1).entry.words
    assert found[0].name == f"channel blocks.4:1 · {', '.join(words)}"


def test_what_means_the_same_is_suggested_once() -> None:
    assert values("channel 4:119") == ["channel blocks.4:119"]


def test_beside_a_layer_its_first_channels_are_shown() -> None:
    found = values("blocks.4")
    assert found[0] == "layer blocks.4"
    assert found[-8:] == [f"channel blocks.4:{number}" for number in range(8)]
    assert len(found) <= 25


def test_a_channel_that_a_number_alone_is_found_by_is_shown_once() -> None:
    found = values("3", "lite2")
    assert found.count("channel blocks.3:0") == 1
    assert len(found) == len(set(found)) == 25


def test_a_word_suggests_the_channels_that_are_taken_for_it_after_what_has_that_name() -> None:
    found = suggested("jellyfish")
    assert found[0].value == "jellyfish"
    assert "channel blocks.5:1" in [one.value for one in found[1:]]
    assert all("jellyfish" in one.name for one in found)


def test_a_class_of_the_logits_is_suggested_as_one() -> None:
    assert suggested("logits:84")[0].name == "class 84 · peacock"


def test_the_last_part_of_a_sum_is_completed_and_nothing_after_what_cannot_be_read() -> None:
    assert values("0.7 dogs + 5:13")[0] == "0.7 dogs + channel blocks.5:13"
    assert values("gibberish + 5:13") == []
    assert "channel blocks.5:13 - channel blocks.5:13" not in values("channel blocks.5:13 - 5:13")


def test_numbers_are_the_first_networks_unless_another_is_named() -> None:
    first = BOOKS["lite0"].cell("blocks.5", 13).entry.words
    assert suggested("5:13", "lite0", "lite2")[0].name.endswith(", ".join(first))
    other = suggested("lite2/5:13", "lite0", "lite2")[0]
    assert other.value == "lite2/channel blocks.5:13"
    assert other.name.endswith(", ".join(LITE2.cell("blocks.5", 13).entry.words))
    assert values("lite0/5:13", "lite2") == [], "it does not dream here"


def test_a_network_without_an_atlas_is_suggested_for_as_before() -> None:
    found = things_for(ENGLISH, "channel 4c:1", ("googlenet",))
    assert with_channels(found, "channel 4c:1", ("googlenet",), {}) == found


TYPED = st.one_of(
    st.text(max_size=220),
    st.from_regex(r"(channel |layer |lite[02]/|0\.5 |dogs [+-] ){0,3}(blocks\.|head|logits)?[0-9]{0,2}[: ]?[0-9]{0,4}"),
)


@given(TYPED, st.sampled_from([("lite2",), ("lite0", "lite2"), ("googlenet",)]))
def test_whatever_is_typed_each_suggestion_fits_and_can_be_dreamed_of(typed: str, networks: tuple[str, ...]) -> None:
    before = things_for(ENGLISH, typed, networks)
    found = with_channels(before, typed, networks, BOOKS)
    assert len({one.value for one in found}) == len(found)
    for one in found:
        if one not in before:
            assert 1 <= len(one.name) <= 100
            assert 1 <= len(one.value) <= 100
            assert vocabulary.read(one.value, networks)


@given(st.sampled_from([("lite2", "blocks.4"), ("lite0", "logits"), ("lite2", "head")]), st.text(max_size=60))
def test_whatever_is_typed_into_the_form_is_a_channel_of_that_layer_or_refused(
    where: tuple[str, str], typed: str
) -> None:
    network, layer = where
    with contextlib.suppress(UserError, EngineError):  # what it says is another test's
        cell = cell_typed(BOOKS[network], layer, typed)
        assert cell is BOOKS[network].cell(layer, cell.entry.channel)


@pytest.mark.parametrize(
    ("network", "channels"),
    [
        ("lite0", [16, 24, 40, 80, 112, 192, 320, 1280, 1000]),
        ("lite2", [16, 24, 48, 88, 120, 208, 352, 1280, 1000]),
    ],
)
def test_the_atlas_that_is_kept_has_every_channel_and_class(network: str, channels: list[int]) -> None:
    book = BOOKS[network]
    seen = [sorted(cell.entry.channel for cell in book.cells(layer)) for layer in book.layers]
    assert seen == [list(range(count)) for count in channels]


@given(st.integers(0, 119))
def test_a_channels_number_is_read_and_its_words_dream_of_it(number: int) -> None:
    cell = cell_typed(LITE2, "blocks.4", str(number))
    assert cell.entry.channel == number
    (term,) = vocabulary.read(cell.words, ("lite2",))
    assert term.what == Channels("blocks.4", (number,))


@pytest.mark.parametrize("chosen", [0, 7, 20, 39])
def test_a_menu_has_no_more_than_discord_takes_and_the_chosen_one(chosen: int) -> None:
    names = [str(number) for number in range(40)]
    assert len(around(names, str(chosen))) == MOST_OPTIONS
    assert str(chosen) in around(names, str(chosen))
    assert around(names[:3], "1") == names[:3]


def test_a_channel_alone_is_its_own_cell_of_the_sheet() -> None:
    cell = LITE2.cell("blocks.5", 13)
    shown = Image.open(io.BytesIO(drawing.alone(cell)))
    assert shown.size == (3 * CELL, 3 * CELL)
    row, column = divmod(13, COLUMNS)
    left, top = column * CELL, row * (CELL + CAPTION)
    sheet = Image.open(KEPT / "lite2" / "blocks.5-00.webp").convert("RGB")
    expected = sheet.crop((left, top, left + CELL, top + CELL)).resize((28, 28))
    pairs = zip(shown.convert("RGB").resize((28, 28)).tobytes(), expected.tobytes(), strict=True)
    assert sum(abs(one - other) for one, other in pairs) / (28 * 28 * 3) < 8


def test_a_page_may_reach_over_two_sheets_and_be_of_few() -> None:
    cells = LITE2.cells("blocks.5")
    assert {one.sheet.name for one in cells[60:80]} == {"blocks.5-00.webp", "blocks.5-01.webp"}
    assert Image.open(io.BytesIO(drawing.page(cells[60:80]))).width == 896
    assert Image.open(io.BytesIO(drawing.page(cells[:2]))).width < 400
