"""Which texts are emoji. There are no custom ones here: guilds have none."""

from __future__ import annotations

import unicodedata

LONGEST = 20  # code points: families and flags of regions are sequences
_KEYCAPS, _KEYCAP = frozenset("0123456789#*"), "\u20e3"
_JOINED = {"\u200d", "\ufe0f", _KEYCAP}  # zero-width joiner, "as a picture", keycap
_ODD = frozenset("\u203c\u2049\u2139\u3030")  # emoji that Unicode counts among letters and punctuation
_NEWER = range(0x1F000, 0x1FB00)  # where Unicode puts emoji that Python does not know yet
_TAGS = range(0xE0020, 0xE0080)


def is_emoji(text: str) -> bool:
    """Tell whether ``text`` is one emoji, as far as Unicode's categories tell."""
    if not 0 < len(text) <= LONGEST:
        return False
    if text[0] in _KEYCAPS:
        return text[1:] in {_KEYCAP, "\ufe0f" + _KEYCAP}
    return _is_picture(text[0]) and all(_is_picture(one) or one in _JOINED or ord(one) in _TAGS for one in text)


def _is_picture(one: str) -> bool:
    category = unicodedata.category(one)
    if ord(one) in _NEWER and category == "Cn":
        return True
    return category == "So" or one in _ODD or (category in {"Sm", "Sk"} and ord(one) > 0x2190)
