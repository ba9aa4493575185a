"""Which shards a process has: read from one word, and every server belongs to exactly one process."""

from __future__ import annotations

import contextlib
import itertools
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from bot.client import Oneiros
from bot.intake.decoder import Decoder
from bot.settings import Settings
from bot.shards import Shards
from bot.store.database import Database, default_url
from bot.store.registrations import Registrations

POSTGRES = "postgresql://127.0.0.1/oneiros"


@st.composite
def shards(draw: st.DrawFn) -> Shards:
    count = draw(st.integers(1, 2000))
    first = draw(st.integers(0, count - 1))
    return Shards(first, draw(st.integers(first, count - 1)), count)


@given(shards())
def test_what_is_written_is_read_back(given_: Shards) -> None:
    assert Shards.parse(str(given_)) == given_
    assert given_.ids == list(range(given_.first, given_.last + 1))
    assert given_.are_all == (len(given_.ids) == given_.count)


def test_one_shard_may_be_written_alone_and_spaces_do_no_harm() -> None:
    assert Shards.parse("5/8") == Shards(5, 5, 8)
    assert Shards.parse(" 0 - 3 / 8 ") == Shards(0, 3, 8)


@given(st.text(max_size=20) | st.from_regex(r"[0-9/ -]{1,12}", fullmatch=True))
def test_whatever_is_written_nothing_impossible_is_read(text: str) -> None:
    with contextlib.suppress(ValueError):
        read = Shards.parse(text)
        assert 0 <= read.first <= read.last < read.count


@pytest.mark.parametrize("text", ["", "8", "0-3", "3-0/8", "0-8/8", "8/8", "0/0", "-1/8", "0-3/8/9", "a-b/c", "٠/٨"])
def test_what_names_no_shards_is_refused_with_how_to_write_them(text: str) -> None:
    with pytest.raises(ValueError, match="0-3/8"):
        Shards.parse(text)


@given(cuts=st.sets(st.integers(1, 15)), guild_id=st.none() | st.integers(0, 2**63 - 1))
def test_of_the_processes_that_share_sixteen_shards_exactly_one_has_a_server(
    cuts: set[int], guild_id: int | None
) -> None:
    bounds = [0, *sorted(cuts), 16]
    processes = [Shards(first, end - 1, 16) for first, end in itertools.pairwise(bounds)]
    assert sum(one.have(guild_id) for one in processes) == 1


def test_direct_messages_come_to_whoever_has_the_first_shard() -> None:
    assert Shards(0, 0, 8).have(None)
    assert not Shards(1, 7, 8).have(None)


async def test_the_client_asks_discord_for_its_shards_only(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SHARDS", "2-3/8")
    monkeypatch.setenv("DATABASE_URL", POSTGRES)
    client = Oneiros(Settings(), Decoder(), Registrations(Database(default_url(tmp_path))))
    assert (client.shard_ids, client.shard_count) == ([2, 3], 8)


def test_a_part_of_the_shards_needs_a_database_that_several_can_share(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setenv("SHARDS", "0-7/8")
    assert Settings().shards == Shards(0, 7, 8)
    monkeypatch.setenv("SHARDS", "0-3/8")
    with pytest.raises(ValidationError, match="PostgreSQL"):
        Settings()
    monkeypatch.setenv("DATABASE_URL", POSTGRES)
    assert Settings().shards == Shards(0, 3, 8)


def test_priority_roles_are_ids_with_commas_between_them(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Settings().priority_roles == frozenset()
    monkeypatch.setenv("PRIORITY_ROLES", "1234567890123456789, 42")
    assert Settings().priority_roles == {1234567890123456789, 42}
