"""Names of presets, and whatever else people call something: what may be one, and when two are the same."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from bot.errors import UserError
from engine.sentences import mark

LONGEST = 32  # characters

NO_NAME = mark("A preset needs a name that can be seen: letters, numbers, signs or emoji.")
TOO_LONG = mark("This name has {length} characters, and up to {most} fit: choose a shorter one.")
NOT_IN_A_NAME = mark(
    "This name holds a character that cannot be seen and changes how others are shown ({code}): type it anew."
)


@dataclass(frozen=True)
class Kind:
    """What is called something: how many characters fit, and the sentences for what does not do."""

    longest: int  # characters
    empty: str
    too_long: str  # with {length} and {most}
    hidden: str  # with {code}


PRESET = Kind(LONGEST, NO_NAME, TOO_LONG, NOT_IN_A_NAME)

# Joiners shape Persian and Indic words and build emoji; tags make the flags of England, Scotland and Wales.
_JOINERS = frozenset("\u200c\u200d")
_TAGS = range(0xE0020, 0xE0080)
_VARIATIONS = frozenset([*map(chr, range(0xFE00, 0xFE10)), *map(chr, range(0xE0100, 0xE01F0))])
_BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0")  # letters and signs by category that show nothing


def checked(typed: str, kind: Kind = PRESET) -> str:
    """Return a name as it is kept: composed (NFC), each run of white space one space, none at its ends.

    Any script, and emoji; no control characters, no private ones, and none that turns the direction of writing: with
    those a name could pass for another. Raises UserError.
    """
    if len(typed) > 8 * kind.longest:  # composing makes names shorter, by far less than this
        raise UserError(kind.too_long, length=len(typed), most=kind.longest)
    name = " ".join(unicodedata.normalize("NFC", typed).split())
    for character in name:
        if not _allowed(character):
            raise UserError(kind.hidden, code=f"U+{ord(character):04X}")
    if not any(_visible(character) for character in name):
        raise UserError(kind.empty)
    if len(name) > kind.longest:
        raise UserError(kind.too_long, length=len(name), most=kind.longest)
    return name


def without_hidden(name: str) -> str:
    """Return a name that somebody has elsewhere without what ``checked`` would refuse in it; it may become empty."""
    return " ".join("".join(one if _allowed(one) else " " for one in unicodedata.normalize("NFC", name)).split())


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
