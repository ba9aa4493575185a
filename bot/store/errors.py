"""What the database says: to the person who runs the bot, and to who changes it."""


class StoreError(Exception):
    """The database cannot be used as it is; ``str(error)`` says why, and what to do next."""


class PictureGoneError(Exception):
    """A change names a picture that was removed since it was stored: storing it once more will do."""
