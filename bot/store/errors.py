"""What the database says to the person who runs the bot."""


class StoreError(Exception):
    """The database cannot be used as it is; ``str(error)`` says why, and what to do next."""
