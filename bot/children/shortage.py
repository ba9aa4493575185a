"""What a machine may lack for a while, and what is not to be blamed on whoever asked: room, and handles."""

from __future__ import annotations

import errno

from bot.errors import PassingError
from engine.sentences import mark

SHORT_OF = mark("I am short of disk space or file handles at the moment: please try again in a while.")
_ERRORS = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EMFILE, errno.ENFILE, errno.EAGAIN, errno.ENOMEM})


class ShortageError(PassingError):
    """This machine lacks something that it may have again."""

    def __init__(self) -> None:
        super().__init__(
            SHORT_OF, "this machine: see the room for temporary files (TMPDIR), its memory and file handles"
        )


def passes(error: BaseException) -> bool:
    """Tell whether what went wrong mends itself, or is mended by the operator: it is done again then."""
    return isinstance(error, PassingError) or is_shortage(error)


def is_shortage(error: BaseException) -> bool:
    """Tell whether an error, or what it was raised from, is the system's word for such a lack."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, OSError) and cause.errno in _ERRORS:
            return True
        cause = cause.__cause__
    return False
