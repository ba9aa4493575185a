"""From what went wrong to the sentence that a failed job carries."""

from __future__ import annotations

import logging
import secrets

from bot.errors import UserError
from engine.errors import EngineError

log = logging.getLogger(__name__)

UNEXPECTED = "Something broke on our side, and it has been noted as {reference}. Please try again in a minute."


def sentence_for(error: Exception, job_id: int) -> str:
    """Return what the person is told; what is not theirs to mend is logged under a reference that they see."""
    if isinstance(error, UserError | EngineError):
        return str(error)
    reference = secrets.token_hex(4)
    log.error("job %s: unexpected error, reference %s", job_id, reference, exc_info=error)
    return UNEXPECTED.format(reference=reference)
