"""What a person is told when something cannot be done."""

from __future__ import annotations

from engine.sentences import Sentence, Value, mark

KEPT_NO_MORE = mark("That picture is no longer kept here: please send it again with /dream.")
TAKES_NOTHING = mark("My disk takes nothing at the moment, so I can write nothing down: please try again in a while.")
UNEXPECTED = mark("Something broke on our side, and it has been noted as {reference}. Please try again in a minute.")


class UserError(Exception):
    """Something the person can mend: a sentence that says what happened and what to do next.

    ``message`` has places in braces for the ``values``, so that it can be said in other languages; ``str(error)`` is
    the English.
    """

    def __init__(self, message: str, /, **values: Value) -> None:
        self.sentence = Sentence(message, values)
        super().__init__(str(self.sentence))


class PassingError(UserError):
    """A part that we need does not do its work now, and may later: whatever waits for it is tried again, by itself.

    ``str(error)`` asks whoever acted to do so again; a job that waits for it needs nobody. ``advice`` says to the
    operator what is wrong and what to do.
    """

    def __init__(self, message: str, advice: str) -> None:
        super().__init__(message)
        self.advice = advice
