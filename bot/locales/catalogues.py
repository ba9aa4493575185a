"""The catalogues' files: gettext's, without what changes by itself (dates, lines, versions)."""

from __future__ import annotations

import io
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po, write_po

from bot.language import ENGLISH, LANGUAGES

CODES = tuple(code for code in LANGUAGES if code != ENGLISH)
HEADER = "# Words of Oneiros. Kept by: make words. How to translate: docs/languages.md"
# What Babel writes into the header of its own accord, and what changes by itself there.
_NEEDLESS = tuple(
    f'"{field}:'.encode()
    for field in (
        "Project-Id-Version",
        "Report-Msgid-Bugs-To",
        "POT-Creation-Date",
        "PO-Revision-Date",
        "Last-Translator",
        "Language-Team",
        "Generated-By",
    )
)


def path_of(code: str) -> Path:
    """Return where the catalogue of one of Discord's codes is."""
    return Path(__file__).with_name(f"{code}.po")


def read(code: str) -> Catalog:
    """Read the catalogue of a language; an empty one where there is none yet."""
    locale = code.replace("-", "_")
    if not path_of(code).exists():
        return Catalog(locale=locale, header_comment=HEADER, fuzzy=False)
    with path_of(code).open("rb") as file:
        return read_po(file, locale=locale)


def updated(code: str, template: Catalog) -> Catalog:
    """Return the catalogue with the words of ``template``: translations stay, what the code lost is obsolete."""
    catalogue = read(code)
    catalogue.update(template, no_fuzzy_matching=True, update_header_comment=False)
    catalogue.obsolete = {key: lost for key, lost in catalogue.obsolete.items() if translated(lost)}
    return catalogue


def written(catalogue: Catalog) -> bytes:
    """Return the text of a catalogue's file."""
    file = io.BytesIO()
    write_po(file, catalogue, width=0, include_lineno=False)
    return b"".join(line for line in file.getvalue().splitlines(keepends=True) if not line.startswith(_NEEDLESS))


def untranslated(catalogue: Catalog) -> list[Message]:
    """Return what nobody has translated yet."""
    return [message for message in catalogue if message.id and not translated(message)]


def translated(message: Message) -> bool:
    """Tell whether a message is translated, in each of its plurals."""
    return all(message.string) if isinstance(message.string, list | tuple) else bool(message.string)
