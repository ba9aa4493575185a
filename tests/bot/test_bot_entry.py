"""Listings and cursors as custom_ids hold them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.entry import LONGEST_PRESET_KEY, LONGEST_TAG, LONGEST_WORDS, MOST_ID, MOST_KEY, Cursor, Listing, Order, Period


def texts(longest: int) -> st.SearchStrategy[str]:
    """Return texts as they are looked for: on one line, without white space around them."""
    return st.text(min_size=1, max_size=longest).map(lambda text: " ".join(text.split())).filter(bool)


filters = st.one_of(
    st.just({}),
    st.builds(lambda person: {"person_id": person}, st.integers(0, MOST_ID)),
    st.builds(lambda tag: {"tag": tag}, texts(LONGEST_TAG)),
    st.builds(lambda preset: {"preset": preset}, texts(LONGEST_PRESET_KEY)),
    st.builds(lambda words: {"words": words}, texts(LONGEST_WORDS)),
)


@given(st.sampled_from(Order), st.sampled_from(Period), st.integers(0, 999), filters)
def test_a_listing_is_read_as_it_was_written(order: Order, period: Period, start: int, chosen: dict[str, str]) -> None:
    listing = replace(Listing(order, period, start=start), **chosen)
    assert len(listing.to_text()) <= 46
    assert Listing.parse(listing.to_text()) == listing


@given(st.integers(0, MOST_KEY), st.integers(0, MOST_ID), st.booleans())
def test_a_cursor_is_read_as_it_was_written(key: int, id_: int, back: bool) -> None:
    cursor = Cursor(key, id_, back)
    assert len(cursor.to_text()) <= 27
    assert Cursor.parse(cursor.to_text()) == cursor


@pytest.mark.parametrize("text", ["", "ne00", "xe000", "ne000q", "ne000p", "ne000pabc", f"ne000p{10**19}", "ne000w\n"])
def test_what_is_no_listing_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        Listing.parse(text)


@pytest.mark.parametrize(
    "text", ["", "f", "x1.1", "f1", "f1.", "f-1.1", "fzzzzzzzzzzzz.1", "f1.zzzzzzzzzzzzz", "f1.11111111111111", "F1.1"]
)
def test_what_is_no_cursor_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        Cursor.parse(text)
