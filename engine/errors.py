"""What can go wrong in the engine, each with a sentence for a person."""

from __future__ import annotations

from engine.sentences import Sentence, Value


class EngineError(Exception):
    """Something a person can mend: a sentence that says what happened and what to do next.

    ``message`` has places in braces for the ``values``, so that it can be said in other languages; ``str(error)`` is
    the English.
    """

    def __init__(self, message: str, /, **values: Value) -> None:
        self.sentence = Sentence(message, values)
        super().__init__(str(self.sentence))


class RecipeError(EngineError):
    """A recipe that cannot be dreamed: an unknown network or layer, or a value out of range."""


class PictureError(EngineError):
    """Bytes that are not a picture we can dream on: broken, too large, or of an unknown kind."""


class WeightsError(EngineError):
    """Weights that are not here, or not to be trusted: what to do is for whoever runs this machine, in English."""


class DreamStopped(Exception):  # noqa: N818 - it is an answer to ``should_stop``, not a fault
    """``should_stop`` said yes: the dream ended between two steps, nothing is left behind."""
