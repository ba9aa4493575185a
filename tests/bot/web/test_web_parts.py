"""The parts by themselves: the memory, the queries, the languages, the shapes."""

from __future__ import annotations

import asyncio
from xml.etree import ElementTree
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.entry import Cursor, Order, Period
from bot.web import queries
from bot.web.answers import Answer
from bot.web.exhibits import frame
from bot.web.memory import ENTRY_BYTES, Memory
from bot.web.words import clean, direction_of


class Beats:
    """A pulse whose beat the test sets: what a database would say."""

    def __init__(self) -> None:
        self.now: object | None = 1

    async def beat(self) -> object | None:
        return self.now

    async def close(self) -> None:
        pass


@pytest.fixture
def beats() -> Beats:
    return Beats()


async def test_what_was_made_is_used_until_the_next_beat(beats: Beats) -> None:
    memory, made = Memory(beats), 0

    async def make() -> int:
        nonlocal made
        made += 1
        return made

    assert [await memory.get("a", make) for _ in range(3)] == [1, 1, 1]
    assert await memory.get("b", make) == 2
    beats.now = 2
    assert [await memory.get("a", make) for _ in range(2)] == [3, 3]
    beats.now = None  # nobody can tell: everything is made anew
    assert [await memory.get("a", make) for _ in range(2)] == [4, 5]
    beats.now = 2
    assert await memory.get("a", make) == 3


async def test_what_was_read_before_a_commit_is_not_used_after_it(beats: Beats) -> None:
    memory, values = Memory(beats), iter(["old", "new"])
    reading, commit = asyncio.Event(), asyncio.Event()

    async def slow() -> str:
        value = next(values)
        reading.set()
        await commit.wait()
        return value

    first = asyncio.create_task(memory.get("a", slow))
    await reading.wait()
    beats.now = 2
    commit.set()
    assert await memory.get("a", slow) == "new"
    assert await first == "old"  # it was asked for before
    assert await memory.get("a", slow) == "new"


async def test_many_who_ask_at_once_have_it_made_once(beats: Beats) -> None:
    memory, made = Memory(beats), 0

    async def make() -> int:
        nonlocal made
        await asyncio.sleep(0)
        made += 1
        return made

    assert await asyncio.gather(*(memory.get("a", make) for _ in range(50))) == [1] * 50


async def test_a_failure_is_not_kept(beats: Beats) -> None:
    memory, fails = Memory(beats), iter([True, False])

    async def make() -> str:
        if next(fails):
            raise LookupError
        return "there"

    with pytest.raises(LookupError):
        await memory.get("a", make)
    assert await memory.get("a", make) == "there"


async def test_memory_is_bounded(beats: Beats) -> None:
    memory = Memory(beats, most_bytes=10 * (ENTRY_BYTES + 1000))

    async def make() -> Answer:
        return Answer.of(b"x" * 1000, "text/plain")

    for number in range(100):
        await memory.get(number, make)
        beats.now = number // 7
    assert 0 < memory.bytes <= 10 * (ENTRY_BYTES + 1000)


wanted = st.builds(
    queries.Wanted,
    sort=st.sampled_from(sorted(queries.SORTS)),
    tag=st.none()
    | st.text("abc ü#", min_size=1, max_size=20).map(lambda text: " ".join(text.split()).lstrip("# ") or None),
    at=st.none() | st.builds(Cursor, st.integers(0, 10**17), st.integers(0, 10**17), st.booleans()),
)


@given(wanted)
def test_an_address_says_what_was_wanted(one: queries.Wanted) -> None:
    assert queries.read(one.address(at=one.at).removeprefix("?")) == one


@given(st.text(max_size=300))
def test_any_query_is_read(text: str) -> None:
    found = queries.read(text.encode("utf-8", "replace").decode())
    assert found.sort in queries.SORTS
    assert sum(one is not None for one in (found.by, found.tag, found.preset, found.q)) <= 1


def test_of_several_filters_one_counts() -> None:
    found = queries.read("q=sea&tag=night&sort=top-week&sort=newest")
    assert (found.tag, found.q, found.sort) == ("night", None, "top-week")
    assert (found.listing.order, found.listing.period) == (Order.TOP, Period.WEEK)


@pytest.mark.parametrize(
    ("width", "height", "name"), [(768, 512, "r150"), (100, 1000, "r40"), (9000, 10, "r300"), (1, 0, "r100")]
)
def test_each_shape_has_a_frame(width: int, height: int, name: str) -> None:
    assert frame(width, height) == name


@given(st.text())
def test_clean_text_stands_in_any_xml(text: str) -> None:

    kept = clean(text)
    assert ElementTree.fromstring(f"<a>{escape(kept)}</a>").text == (kept or None)  # noqa: S314 - our own
    assert clean(kept) == kept


def test_directions() -> None:
    assert [direction_of(code) for code in ("en-US", "ja", "ar", "he", "xx-nonsense")] == [
        "ltr",
        "ltr",
        "rtl",
        "rtl",
        "ltr",
    ]
