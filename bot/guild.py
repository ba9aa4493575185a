"""What a server's moderators have settled for it, as the rest of the bot sees it: frozen plain data, never a row."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from bot.language import LANGUAGES
from engine.films.settings import MOST_SECONDS
from engine.recipe import LARGEST_SIDE

MOST_CHOSEN = 25  # channels or roles: as many as one select takes
LEAST_SIZE = 64
MOST_JOBS, MOST_GFLOP = 1000, 1e9
LEFT_KEPT_S = 30 * 24 * 3600.0  # how long what a server has is kept when the bot is no longer there
WEB_KEY = r"^[A-Za-z0-9_-]{22}$"
SECRET = frozenset({"gallery.web_key"})  # settings whose value stands in no log


def _spoken(code: str) -> str:
    if code not in LANGUAGES:
        raise ValueError("a language that the bot speaks")
    return code


Ids = Annotated[tuple[Annotated[int, Field(gt=0)], ...], Field(max_length=MOST_CHOSEN)]
Jobs = Annotated[int, Field(ge=1, le=MOST_JOBS)]


class Bounds(BaseModel):
    """What somebody may have at most; None is no bound but the service's own, which always holds."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    waiting: Jobs | None = None
    running: Jobs | None = None
    gflop_a_day: Annotated[float, Field(gt=0, le=MOST_GFLOP)] | None = None


class ChosenPreset(BaseModel):
    """A preset of the server's or a built-in one: its ``Preset.tag``, and what it was called when it was chosen."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    tag: str = Field(max_length=64)
    name: str = Field(max_length=64)


class GalleryMode(StrEnum):
    """What becomes of a dream that is added to a server's gallery."""

    OPEN = "open"  # it is shown at once
    APPROVAL = "approval"  # it waits for a moderator
    CLOSED = "closed"  # nothing is added; what is there stays


class WebMode(StrEnum):
    """Whether a server's gallery has a page on the web."""

    OFF = "off"
    UNLISTED = "unlisted"  # for who has the link
    PUBLIC = "public"  # listed on the first page, and found by search engines


class GallerySettings(BaseModel):
    """What holds in a server's gallery."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    mode: GalleryMode = GalleryMode.OPEN
    channel: int | None = None  # where each new entry is posted, once
    votes_to_add: Annotated[int, Field(ge=1, le=MOST_JOBS)] | None = (
        None  # members' votes that add a dream; None: never
    )
    reports_to_hide: Annotated[int, Field(ge=1, le=MOST_JOBS)] = 3
    a_day: Annotated[int, Field(ge=1, le=MOST_JOBS)] = 10  # entries of one person in 24 hours
    web: WebMode = WebMode.OFF
    web_key: str | None = Field(None, pattern=WEB_KEY)  # of its page's address: 128 random bits; drawn when web is on
    web_name: str | None = Field(None, max_length=100)  # what the page calls the server: its name when web was put on


class GuildSettings(BaseModel):
    """The settings of one server. The defaults restrict nothing.

    Kept as JSON: a name that a version no longer knows is passed over, one that it does not know yet has its default.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    language: Annotated[str, AfterValidator(_spoken)] | None = None  # None: each person's own
    channels: Ids = ()  # where dreaming is allowed, with their threads; empty: everywhere
    roles: Ids = ()  # who may dream; empty: everybody
    priority_roles: Ids = ()
    person: Bounds = Bounds()  # of one person, in this server
    server: Bounds = Bounds()
    max_size: Annotated[int, Field(ge=LEAST_SIZE, le=LARGEST_SIDE)] | None = None  # longest side of a dream, in pixels
    film_seconds: Annotated[float, Field(ge=0, le=MOST_SECONDS)] | None = None  # of a film at most; 0: none is made
    previews: bool = True
    default_preset: ChosenPreset | None = None  # where neither a person nor their own default names one
    log_channel: int | None = None
    gallery: GallerySettings = GallerySettings()

    def changed(self, **values: Any) -> GuildSettings:
        """Return these settings with others in their place. Raises ValidationError."""
        return GuildSettings.model_validate({**self.model_dump(), **values})

    def with_gallery(self, **values: Any) -> GuildSettings:
        """Return these settings with others of the gallery in their place. Raises ValidationError."""
        return self.changed(gallery={**self.gallery.model_dump(), **values})

    def differences(self, later: GuildSettings) -> list[tuple[str, Any, Any]]:
        """Name each setting in which ``later`` differs, as JSON has it before and after.

        Those of the gallery are named apart: ``gallery.mode``. Of a secret it is said only whether there is one.
        """
        before, after = _flat(self), _flat(later)
        return [
            (name, _told(name, before[name]), _told(name, after[name]))
            for name in before
            if before[name] != after[name]
        ]


def _told(name: str, value: Any) -> Any:
    return value is not None if name in SECRET else value


def _flat(settings: GuildSettings) -> dict[str, Any]:
    values = settings.model_dump(mode="json")
    gallery = values.pop("gallery")
    return {**values, **{f"gallery.{name}": of for name, of in gallery.items()}}


@dataclass(frozen=True)
class Versioned:
    """A server's settings and how often they were changed: who changes them says which they have seen."""

    settings: GuildSettings = field(default_factory=GuildSettings)
    version: int = 0
    left_at: datetime | None = None  # since when the bot is no longer there


@dataclass(frozen=True)
class Change:
    """One setting that somebody changed, with what it was and became as JSON has it."""

    id: int
    guild_id: int
    person_id: int
    changed_at: datetime
    setting: str
    before: Any
    after: Any
