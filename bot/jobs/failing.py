"""From what went wrong to the sentence that a failed job carries."""

from __future__ import annotations

import logging
import secrets

from bot.errors import UNEXPECTED, UserError
from bot.jobs import refusals
from bot.store.quotas import FullError
from engine.errors import EngineError

log = logging.getLogger(__name__)


def sentence_for(error: BaseException, what: str) -> str:
    """Return what the person is told of an error under ``what`` (``job 7``).

    What is not theirs to mend is logged under a reference that they see.
    """
    if isinstance(error, FullError):
        return refusals.sentence(error, error.free_in_s)
    if isinstance(error, UserError | EngineError):
        return str(error)
    reference = secrets.token_hex(4)
    log.error("%s: unexpected error, reference %s", what, reference, exc_info=error)
    return UNEXPECTED.format(reference=reference)
