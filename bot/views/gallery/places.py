"""Where in a gallery somebody is, as a custom_id says it: which listing, and from which entry on."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Self

from bot.entry import Cursor, Listing
from bot.errors import UserError
from bot.views.lasting import UNKNOWN_COMPONENT

BEGINNING = "0"
LISTING = r"(?P<listing>[ntr][dwme][0-9]{3}.{0,41})"
PLACE = rf"(?P<at>{BEGINNING}|[ab][0-9A-Za-z]{{1,10}}\.[0-9A-Za-z]{{1,11}}):{LISTING}"


@dataclass(frozen=True)
class Place:
    """A page of a listing; ``at`` is None for the first."""

    listing: Listing = field(default_factory=Listing)
    at: Cursor | None = None

    def custom_id(self, act: str) -> str:
        """Return the custom_id of a component about this page, of at most 100 characters."""
        at = BEGINNING if self.at is None else self.at.to_text()
        return f"oneiros:gallery:{act}:{at}:{self.listing.to_text()}"

    @classmethod
    def of(cls, match: re.Match[str]) -> Self:
        """Read a custom_id that ``PLACE`` matches. Raises UserError."""
        try:
            return cls(listing_of(match), None if match["at"] == BEGINNING else Cursor.parse(match["at"]))
        except ValueError:
            raise UserError(UNKNOWN_COMPONENT) from None


def template(act: str) -> str:
    """Return the pattern of such custom_ids."""
    return rf"oneiros:gallery:{act}:{PLACE}"


def listing_of(match: re.Match[str]) -> Listing:
    """Read the listing of a custom_id. Raises UserError."""
    try:
        return Listing.parse(match["listing"])
    except ValueError:
        raise UserError(UNKNOWN_COMPONENT) from None
