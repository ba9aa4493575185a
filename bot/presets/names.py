"""Names of presets: what may be one, and when two are the same."""

from __future__ import annotations

import re
import unicodedata

from bot.errors import UserError
from engine.sentences import mark

LONGEST = 32  # characters

NO_NAME = mark("A preset needs a name that can be seen: letters, numbers, signs or emoji.")
TOO_LONG = mark("This name has {length} characters, and up to {most} fit: choose a shorter one.")
NOT_IN_A_NAME = mark(
    "This name holds a character that cannot be seen and changes how others are shown ({code}): type it anew."
)

# Joiners shape Persian and Indic words and build emoji; tags make the flags of England, Scotland and Wales.
_JOINERS = frozenset("\u200c\u200d")
_TAGS = range(0xE0020, 0xE0080)
_VARIATIONS = frozenset([*map(chr, range(0xFE00, 0xFE10)), *map(chr, range(0xE0100, 0xE01F0))])
_BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0")  # letters and signs by category that show nothing


def checked(typed: str) -> str:
    """Return a name as it is kept: composed (NFC), each run of white space one space, none at its ends.

    Any script, and emoji; no control characters, no private ones, and none that turns the direction of writing: with
    those a name could pass for another. Raises UserError.
    """
    if len(typed) > 8 * LONGEST:  # composing makes names shorter, by far less than this
        raise UserError(TOO_LONG, length=len(typed), most=LONGEST)
    name = " ".join(unicodedata.normalize("NFC", typed).split())
    for character in name:
        if not _allowed(character):
            raise UserError(NOT_IN_A_NAME, code=f"U+{ord(character):04X}")
    if not any(_visible(character) for character in name):
        raise UserError(NO_NAME)
    if len(name) > LONGEST:
        raise UserError(TOO_LONG, length=len(name), most=LONGEST)
    return name


def key(name: str) -> str:
    """Return what two names have in common that are one: without case, width, ligatures and what is not seen."""
    text = unicodedata.normalize("NFD", name)
    for _ in range(2):  # folding can undo composing, and composing bring up something to fold: Unicode, D146
        text = unicodedata.normalize("NFKC", text).casefold()
    seen = (one for one in unicodedata.normalize("NFKC", text) if one not in _VARIATIONS and not _formats(one))
    return " ".join(unicodedata.normalize("NFKC", "".join(seen)).split())


def _formats(character: str) -> bool:
    return unicodedata.category(character) == "Cf"


def _allowed(character: str) -> bool:
    if character in _JOINERS or ord(character) in _TAGS:
        return True
    return unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Co"}


def _visible(character: str) -> bool:
    return unicodedata.category(character)[0] in "LNPS" and character not in _BLANK


_MARKUP = re.compile(r"([\\*_~`|>\[\]()<@#:-])")


def shown(name: str) -> str:
    """Return a name as a chat shows it: none of its characters marks anything up, mentions or links."""
    return _MARKUP.sub(r"\\\1", name)
