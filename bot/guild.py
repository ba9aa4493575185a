"""What a server's moderators have settled for it, as the rest of the bot sees it: frozen plain data, never a row."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from bot.language import LANGUAGES
from bot.recipes import MOST_SIZE

MOST_CHOSEN = 25  # channels or roles: as many as one select takes
LEAST_SIZE = 64
MOST_JOBS, MOST_GFLOP = 1000, 1e9


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
    max_size: Annotated[int, Field(ge=LEAST_SIZE, le=MOST_SIZE)] | None = None  # longest side of a dream, in pixels
    previews: bool = True
    default_preset: ChosenPreset | None = None  # where neither a person nor their own default names one
    log_channel: int | None = None

    def changed(self, **values: Any) -> GuildSettings:
        """Return these settings with others in their place. Raises ValidationError."""
        return GuildSettings.model_validate({**self.model_dump(), **values})

    def differences(self, later: GuildSettings) -> list[tuple[str, Any, Any]]:
        """Name each setting in which ``later`` differs, as JSON has it before and after."""
        before, after = self.model_dump(mode="json"), later.model_dump(mode="json")
        return [(name, before[name], after[name]) for name in before if before[name] != after[name]]


@dataclass(frozen=True)
class Versioned:
    """A server's settings and how often they were changed: who changes them says which they have seen."""

    settings: GuildSettings = field(default_factory=GuildSettings)
    version: int = 0


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
