"""From what went wrong to the sentence that a failed job carries."""

from __future__ import annotations

import logging
import secrets

from bot.children.shortage import ShortageError, is_shortage
from bot.errors import UNEXPECTED, UserError
from bot.jobs import refusals
from bot.jobs.patience import reason
from bot.store.quotas import FullError
from engine.errors import EngineError
from engine.sentences import Sentence

log = logging.getLogger(__name__)


def sentence_for(error: BaseException, what: str) -> str:
    """Return what the person is told of an error under ``what`` (``job 7``), as ``Sentence.to_text``.

    What is not theirs to mend is logged under a reference that they see.
    """
    if isinstance(error, FullError):
        return refusals.refusal(error, error.free_in_s).sentence.to_text()
    if is_shortage(error):
        log.warning("%s: %s", what, reason(error))
        error = ShortageError()
    if isinstance(error, UserError | EngineError):
        return error.sentence.to_text()
    reference = secrets.token_hex(4)
    log.error("%s: unexpected error, reference %s", what, reference, exc_info=error)
    return Sentence(UNEXPECTED, {"reference": reference}).to_text()
