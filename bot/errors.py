"""What a person is told when something cannot be done."""


class UserError(Exception):
    """Something the person can mend: ``str(error)`` says what happened and what to do next."""
