"""What shown entries are found by. A term is written when its entry is shown, and gone when it is not."""

from __future__ import annotations

import json
import re
import unicodedata
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, insert
from sqlalchemy.ext.asyncio import AsyncSession

from bot.entry import LONGEST_PRESET_KEY
from bot.store.gallery.tables import EntryRow, EntryTermRow

TAG, WORD, PRESET = "tag", "word", "preset"
LONGEST, MOST = 24, 40  # of a word; of an entry's words

_AS_IN_THE_ROW = ("guild_id", "shown_at", "restricted", "on_web")
_AFTER_ALL = "\U0010ffff"  # no character: what begins with a text is less than the text and this
_WORD = re.compile(r"\w+")


def folded(text: str) -> str:
    """Return a text without case, accents and width: what two texts have in common that are found by one another."""
    apart = unicodedata.normalize("NFKD", text).casefold()
    bare = "".join(one for one in apart if not unicodedata.combining(one))
    return unicodedata.normalize("NFKC", bare)


def words_of(text: str) -> list[str]:
    """Return the words of a text, each once, as they are searched."""
    return list(dict.fromkeys(word[:LONGEST] for word in _WORD.findall(folded(text))))


def preset_key(name: str) -> str:
    """Return what a preset's name is found by."""
    return folded(name)[:LONGEST_PRESET_KEY]


def begins_with(start: str) -> ColumnElement[bool]:
    """Match the terms that begin so: a range, which an index answers in both databases."""
    return and_(EntryTermRow.term >= start, EntryTermRow.term < start + _AFTER_ALL)


def terms_of(row: EntryRow) -> list[tuple[str, str]]:
    """Return what an entry is found by, each with its kind."""
    dreamt = str(json.loads(row.recipe).get("of", ""))
    text = " ".join(filter(None, (row.title, row.tags, row.credit, row.preset, dreamt)))
    found = [(TAG, folded(tag)) for tag in row.tags.split()] + [(WORD, word) for word in words_of(text)[:MOST]]
    if row.preset is not None:
        found.append((PRESET, preset_key(row.preset)))
    return list(dict.fromkeys(found))


def rows_of(row: EntryRow) -> list[dict[str, Any]]:
    """Return the columns of its terms. Raises ValueError for an entry that was never shown."""
    if row.shown_at is None:
        raise ValueError("an entry that is shown has a moment when it was first shown")
    same = {name: getattr(row, name) for name in _AS_IN_THE_ROW}
    return [{"entry_id": row.id, "kind": kind, "term": term, **same} for kind, term in terms_of(row)]


async def write(session: AsyncSession, row: EntryRow) -> None:
    """Let an entry that is shown now be found."""
    values = rows_of(row)
    await take_away(session, row.id)
    if values:
        await session.execute(insert(EntryTermRow), values)


async def take_away(session: AsyncSession, entry_id: int) -> None:
    """Let an entry be found no more."""
    await session.execute(delete(EntryTermRow).where(EntryTermRow.entry_id == entry_id))
