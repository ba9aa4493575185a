"""What a person is told when something cannot be done."""

KEPT_NO_MORE = "That picture is no longer kept here: please send it again with /dream."
UNEXPECTED = "Something broke on our side, and it has been noted as {reference}. Please try again in a minute."


class UserError(Exception):
    """Something the person can mend: ``str(error)`` says what happened and what to do next."""
