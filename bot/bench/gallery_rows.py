"""A server's gallery of many entries, written at once: the same for the same seed."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import accumulate, islice
from typing import Any

from sqlalchemy import Connection, insert, make_url, text

from bot.entry import PLACES, EntryState
from bot.store.gallery import likenesses, terms
from bot.store.gallery.tables import EntryRow, EntryTermRow, LikenessRow, ReportRow, VoteRow
from bot.store.tables import Base, BlobRow
from bot.store.upgrade import schema_engine
from engine.recipe import Recipe

GUILD = 1
PEOPLE, VOTERS = 2_000, 20_000
TAGS, WORDS, PRESETS = 1_000, 5_000, 12
RESTRICTED, ON_WEB, NOT_SHOWN = 0.2, 0.6, 0.1
ONE_REPORTED_IN = 300
DAYS = 365.0  # over which the entries were added
SEED = 7
AT_ONCE = 10_000  # rows
SYLLABLES = ("ka", "lo", "mi", "ru", "se", "ta", "vo", "ne", "di", "pu")


@dataclass(frozen=True)
class Size:
    """How much is written."""

    entries: int
    votes: int


class Zipf:
    """Draws names, of which the second is drawn half as often as the first, the third a third as often, and so on."""

    def __init__(self, names: Sequence[Any]) -> None:
        self.names = names
        self._weights = list(accumulate(1 / rank for rank in range(1, len(names) + 1)))

    def draw(self, chance: random.Random, many: int) -> list[Any]:
        """Return some, each once."""
        return list(dict.fromkeys(chance.choices(self.names, cum_weights=self._weights, k=many)))


def word(number: int) -> str:
    """Return a word for a number, of a syllable a digit."""
    return "".join(SYLLABLES[int(digit)] for digit in f"{number:03d}")


def write(url: str, size: Size) -> None:
    """Write the gallery into an empty database with our tables."""
    chance = random.Random(SEED)  # noqa: S311 - nothing is secret here
    engine = schema_engine(make_url(url))
    with engine.begin() as connection:
        for some in _batches(_entries(chance, size)):
            _write(connection, BlobRow, [_blob(one["picture_hash"]) for one in some])
            _write(connection, EntryRow, some)
            _write(connection, EntryTermRow, (term for one in some for term in _terms(one)))
            _write(connection, LikenessRow, (_likeness(chance, one) for one in some))
            _write(connection, ReportRow, (_report(one) for one in some if one["reports"]))
            _write(connection, VoteRow, (vote for one in some for vote in _votes(chance, one)))
    if engine.dialect.name == "postgresql":  # it does so by itself, some time after many rows have come
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))
    engine.dispose()


def _write(connection: Connection, table: type[Base], rows: Iterable[dict[str, Any]]) -> None:
    for some in _batches(rows):
        connection.execute(insert(table), some)


def _batches(rows: Iterable[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    left = iter(rows)
    while some := list(islice(left, AT_ONCE)):
        yield some


def _entries(chance: random.Random, size: Size) -> Iterator[dict[str, Any]]:
    now = datetime.now(UTC)
    people, presets = Zipf(range(1, PEOPLE + 1)), Zipf([f"Preset {word(number)}" for number in range(PRESETS)])
    tags, words = Zipf([word(number) for number in range(TAGS)]), Zipf([word(number) for number in range(WORDS)])
    shares = [chance.paretovariate(1.5) for _ in range(size.entries)]
    each = size.votes / sum(shares)
    recipe = Recipe().to_json()
    for number, share in enumerate(shares, 1):
        state = EntryState.SHOWN
        if chance.random() < NOT_SHOWN:
            state = chance.choice((EntryState.HIDDEN, EntryState.REMOVED, EntryState.PENDING))
        at = now - timedelta(days=DAYS * (1 - number / size.entries))
        restricted = chance.random() < RESTRICTED
        yield {
            "id": number,
            "guild_id": GUILD,
            "slug": f"{number:022d}",
            "state": state,
            "person_id": people.draw(chance, 1)[0],
            "title": " ".join(words.draw(chance, 4)),
            "tags": " ".join(tags.draw(chance, 3)),
            "recipe": recipe,
            "preset": presets.draw(chance, 1)[0],
            "picture_hash": (picture := hashlib.sha256(str(number).encode()).hexdigest()),
            "thumbnail_hash": picture,
            "width": 1024,
            "height": 768,
            "restricted": restricted,
            "spoiler": False,
            "on_web": not restricted and chance.random() < ON_WEB,
            "votes": min(VOTERS, int(share * each)),
            "reports": int(number % ONE_REPORTED_IN == 0),
            "place": chance.randrange(PLACES),
            "created_at": at,
            "shown_at": None if state is EntryState.PENDING else at,
        }


def _blob(hash_: str) -> dict[str, Any]:
    about = {"media_type": "image/png", "width": 1024, "height": 768, "size": 1_000_000}
    return {"hash": hash_, **about, "touched_at": datetime.now(UTC)}


def _terms(entry: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if entry["state"] is EntryState.SHOWN:
        row = EntryRow(**entry)
        yield from terms.rows_of(row)


def _likeness(chance: random.Random, entry: dict[str, Any]) -> dict[str, Any]:
    likeness = chance.getrandbits(64) - (1 << 63)
    return {"entry_id": entry["id"], "guild_id": GUILD, **likenesses.columns_of(likeness)}


def _report(entry: dict[str, Any]) -> dict[str, Any]:
    return {"entry_id": entry["id"], "person_id": 1, "reason": "upside down", "created_at": entry["created_at"]}


def _votes(chance: random.Random, entry: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for person_id in chance.sample(range(1, VOTERS + 1), entry["votes"]):
        yield {"entry_id": entry["id"], "person_id": person_id}
