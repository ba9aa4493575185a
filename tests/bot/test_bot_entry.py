"""Listings and cursors as short texts: what is written is read again, and nothing else is read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.entry import (
    LONGEST_PRESET_KEY,
    LONGEST_TAG,
    LONGEST_WORDS,
    PLACES,
    Cursor,
    Listing,
    Order,
    Period,
)

LONGEST = 70  # a custom_id has 100 characters, with what the button does
IDS = st.integers(0, 2**63 - 1)
CURSORS = st.builds(Cursor, st.integers(0, 253_402_300_799_999_999), IDS, st.booleans())


def texts(longest: int) -> st.SearchStrategy[str]:
    plain = st.text(st.characters(exclude_categories=["C", "Z"], include_characters=" :."), min_size=1)
    return plain.map(lambda text: text[:longest].strip()).filter(bool)


FILTERS = st.one_of(
    st.just({}),
    st.fixed_dictionaries({"person_id": IDS}),
    st.fixed_dictionaries({"tag": texts(LONGEST_TAG)}),
    st.fixed_dictionaries({"preset": texts(LONGEST_PRESET_KEY)}),
    st.fixed_dictionaries({"words": texts(LONGEST_WORDS)}),
)
LISTINGS = st.builds(
    lambda order, period, start, filters: Listing(order, period, start=start, **filters),
    st.sampled_from(Order),
    st.sampled_from(Period),
    st.integers(0, PLACES - 1),
    FILTERS,
)


@given(LISTINGS, CURSORS)
def test_what_is_written_is_read_again(listing: Listing, cursor: Cursor) -> None:
    written = listing.to_text(), cursor.to_text()
    assert (Listing.parse(written[0]), Cursor.parse(written[1])) == (listing, cursor)
    assert len("".join(written)) <= LONGEST


@given(st.one_of(st.text(max_size=80), LISTINGS.map(Listing.to_text), CURSORS.map(Cursor.to_text)))
def test_any_text_is_one_or_a_clear_error(text: str) -> None:
    for kind in (Listing, Cursor):
        try:
            read = kind.parse(text)
        except ValueError as error:
            said = str(error)
        else:
            said = "this is no" if read.to_text() == text else "another text was read as this one"
        assert said.startswith("this is no")


FORGED = ["", "x", "ne", "ne0", "ne1000", "xe000", "nx000", "ne000t", "ne000zx", "ne000u", "ne000u-1", "ne000u00"]
FORGED += ["ne000t x", "ne000wa\nb"]


@pytest.mark.parametrize("text", [*FORGED, f"ne000t{25 * 'x'}", f"ne000w{41 * 'x'}", f"ne000u{11 * 'z'}"])
def test_a_forged_listing_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="this is no"):
        Listing.parse(text)


@pytest.mark.parametrize(
    "text", ["", "a", "a1", "a1.", "c1.1", "a01.1", "a1.1 ", "a-1.1", "azzzzzzzzzz.1", "a1.zzzzzzzzzzz"]
)
def test_a_forged_cursor_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="this is no"):
        Cursor.parse(text)


@pytest.mark.parametrize(
    "listing", [Listing(tag="a", words="b"), Listing(words=41 * "x"), Listing(start=PLACES), Listing(tag=" a")]
)
def test_a_listing_that_would_not_come_back_is_not_written(listing: Listing) -> None:
    with pytest.raises(ValueError, match="listing"):
        listing.to_text()
