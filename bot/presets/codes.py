"""Share codes: random, short, hard to mistype. What a code stands for only the database knows.

``DREAM-7K3QX-M0R2A-9TDE`` is 60 random bits as twelve signs of Crockford's base 32 (https://www.crockford.com/base32.html)
and two more that say what those leave when divided by 1021. That is a prime above 32 × 31, so no wrong sign and no two
neighbours that changed places leave the same.
"""

from __future__ import annotations

import secrets

from bot.errors import UserError
from engine.sentences import mark

_SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LOOK_ALIKE = str.maketrans("OIL", "011")
_DATA, _CHECK = 12, 2
_PRIME = 1021
_PREFIX = "DREAM"
LONGEST = 64  # characters that are looked at

NO_CODE = mark("This is no preset's code: one looks like {example}. Copy it again, whole.")
MISTYPED = mark("This code has a slip in it, or a part is missing: copy it again, whole.")
_EXAMPLE = "DREAM-XXXXX-XXXXX-XXXX"


def drawn() -> str:
    """Draw a code that nobody has and nobody can guess, as it is kept: fourteen signs."""
    data = "".join(secrets.choice(_SIGNS) for _ in range(_DATA))
    return data + _check_of(data)


def shown(code: str) -> str:
    """Return a code as people copy it."""
    return "-".join([_PREFIX, code[:5], code[5:10], code[10:]])


def read(typed: str) -> str:
    """Return the code that somebody typed, as it is kept. Raises UserError where that cannot be one."""
    text = "".join(one for one in typed[:LONGEST].upper() if one not in "-–— \t\n`*_").removeprefix(_PREFIX)
    signs = text.translate(_LOOK_ALIKE)
    if not signs or any(one not in _SIGNS for one in signs) or len(typed) > LONGEST:
        raise UserError(NO_CODE, example=_EXAMPLE)
    if len(signs) != _DATA + _CHECK or signs[_DATA:] != _check_of(signs[:_DATA]):
        raise UserError(MISTYPED)
    return signs


def _check_of(data: str) -> str:
    value = 0
    for sign in data:
        value = value * len(_SIGNS) + _SIGNS.index(sign)
    high, low = divmod(value % _PRIME, len(_SIGNS))
    return _SIGNS[high] + _SIGNS[low]
