"""What shown entries are found by. A term is written when its entry is shown, and gone when it is not."""

from __future__ import annotations

import json
import re
import unicodedata

from sqlalchemy import delete, insert
from sqlalchemy.ext.asyncio import AsyncSession

from bot.entry import LONGEST_PRESET_KEY
from bot.store.gallery.tables import EntryRow, EntryTermRow

TAG, WORD, PRESET = "tag", "word", "preset"
LONGEST, MOST = 24, 40  # of a word; of an entry's words

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


async def write(session: AsyncSession, row: EntryRow) -> None:
    """Let an entry that is shown now be found."""
    if row.shown_at is None:
        raise ValueError("an entry that is shown has a moment when it was first shown")
    tags = row.tags.split()
    dreamt = str(json.loads(row.recipe).get("of", ""))
    text = " ".join(filter(None, (row.title, row.tags, row.credit, row.preset, dreamt)))
    terms = [(TAG, folded(tag)) for tag in tags] + [(WORD, word) for word in words_of(text)[:MOST]]
    if row.preset is not None:
        terms.append((PRESET, preset_key(row.preset)))
    await take_away(session, row.id)
    await session.execute(
        insert(EntryTermRow),
        [
            {"entry_id": row.id, "kind": kind, "term": term, "guild_id": row.guild_id, "shown_at": row.shown_at}
            for kind, term in dict.fromkeys(terms)
        ],
    )


async def take_away(session: AsyncSession, entry_id: int) -> None:
    """Let an entry be found no more."""
    await session.execute(delete(EntryTermRow).where(EntryTermRow.entry_id == entry_id))
