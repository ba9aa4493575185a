"""The form of a gallery's file: a zip with ``gallery.json``, a line of ``entries.jsonl`` an entry, and pictures.

Whoever reads one reads it as anybody might have written it.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from bot.entry import LONGEST_REASON, LONGEST_TAG, LONGEST_TITLE, MOST_TAGS, Entry, EntryState, Hidden
from bot.guild import GallerySettings
from bot.presets import names
from bot.store.gallery.moving import KnownBar, Moved
from engine.recipe import LARGEST_SIDE, Recipe

KIND, VERSION = "oneiros-gallery", 1
HEAD, ENTRIES, READ_ME, PICTURES = "gallery.json", "entries.jsonl", "README.txt", "pictures"


def _to_id(text: str) -> str:
    if int(text) >= 1 << 63:
        raise ValueError("an id of 64 bits")
    return text


def _one_word(text: str) -> str:
    if text != "".join(text.split()):
        raise ValueError("one word")
    return text


def _one_line(text: str) -> str:
    if text != " ".join(text.split()) or not text:
        raise ValueError("one line")
    return text


def _seen(text: str) -> str:
    if names.without_hidden(text) != text:
        raise ValueError("a text without hidden characters")
    return text


def _in_utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a moment with its time zone")
    return moment.astimezone(UTC)


# Ids are text: most readers of JSON round numbers of 64 bits.
Id = Annotated[str, Field(pattern=r"^[0-9]{1,19}$"), AfterValidator(_to_id)]
Hash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Moment = Annotated[datetime, AfterValidator(_in_utc)]
Side = Annotated[int, Field(ge=1, le=LARGEST_SIDE)]
Tag = Annotated[str, Field(min_length=1, max_length=LONGEST_TAG), AfterValidator(_one_word), AfterValidator(_seen)]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class WrittenBar(_Strict):
    """Somebody barred."""

    dreamer: Id
    barred_by: Id
    reason: Annotated[str, Field(max_length=LONGEST_REASON)] | None
    created_at: Moment

    @classmethod
    def of(cls, bar: KnownBar) -> WrittenBar:
        """Write a bar."""
        who, by = str(bar.person_id), str(bar.barred_by)
        return cls(dreamer=who, barred_by=by, reason=bar.reason, created_at=bar.created_at)

    def read(self) -> KnownBar:
        """Return the bar."""
        return KnownBar(int(self.dreamer), int(self.barred_by), self.reason, self.created_at)


class Head(_Strict):
    """``gallery.json``."""

    kind: Literal["oneiros-gallery"] = KIND  # type: ignore[assignment]
    version: Literal[1] = VERSION  # type: ignore[assignment]
    server: Id
    exported_at: Moment
    entries: Annotated[int, Field(ge=0)]
    settings: GallerySettings
    bars: tuple[WrittenBar, ...]


class WrittenPictures(_Strict):
    """The pictures of an entry, by the hash of their bytes."""

    dream: Hash | None  # None: the entry was removed, and its picture let go
    original: Hash | None
    guide: Hash | None
    mask: Hash | None


class WrittenEntry(_Strict):
    """A line of ``entries.jsonl``."""

    slug: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{22}$")]
    state: Literal[EntryState.PENDING, EntryState.SHOWN, EntryState.HIDDEN, EntryState.REMOVED]
    dreamer: Id
    credit: Annotated[str, Field(max_length=64), AfterValidator(_seen)] | None
    title: Annotated[str, Field(max_length=LONGEST_TITLE), AfterValidator(_one_line), AfterValidator(_seen)] | None
    tags: Annotated[tuple[Tag, ...], Field(max_length=MOST_TAGS)]
    recipe: Recipe
    preset: Annotated[str, Field(max_length=64)] | None
    pictures: WrittenPictures
    width: Side
    height: Side
    likeness: Annotated[int, Field(ge=-(1 << 63), lt=1 << 63)] | None
    restricted: bool
    spoiler: bool
    on_web: bool
    nominated: bool
    votes: tuple[Id, ...]
    place: Annotated[int, Field(ge=0, lt=1000)]
    created_at: Moment
    shown_at: Moment | None
    removed_at: Moment | None
    hidden: Hidden | None
    reason: Annotated[str, Field(max_length=LONGEST_REASON)] | None

    @classmethod
    def of(cls, moved: Moved) -> WrittenEntry:
        """Write an entry. Raises RecipeError where its recipe is one that nobody can read."""
        of = moved.entry
        same = {name: getattr(of, name) for name in cls.model_fields if hasattr(of, name)}
        return cls.model_validate(
            same
            | {
                "dreamer": str(of.person_id),
                "recipe": Recipe.from_json(of.recipe),
                "pictures": WrittenPictures(
                    dream=of.picture_hash, original=of.original_hash, guide=of.guide_hash, mask=of.mask_hash
                ),
                "likeness": moved.likeness,
                "votes": [str(one) for one in moved.voters],
            }
        )

    def read(self, guild_id: int) -> Moved:
        """Return the entry as one of a server. Raises ValueError for one that cannot be."""
        voters = tuple(sorted({int(one) for one in self.votes}))
        if len(voters) != len(self.votes):
            raise ValueError("somebody votes twice")
        if self.pictures.dream is None and self.state is not EntryState.REMOVED:
            raise ValueError("it has no picture")
        if self.shown_at is None and self.state is EntryState.SHOWN:
            raise ValueError("it is shown, and nobody knows since when")
        if (self.removed_at is None) == (self.state is EntryState.REMOVED):
            raise ValueError("it was removed, and nobody knows when; or the other way round")
        if (self.hidden is None) == (self.state is EntryState.HIDDEN):
            raise ValueError("it is hidden, and nobody knows why; or the other way round")
        same = {name: getattr(self, name) for name in Entry.__dataclass_fields__ if name in type(self).model_fields}
        entry = Entry(
            **same
            | {
                "id": 0,
                "guild_id": guild_id,
                "person_id": int(self.dreamer),
                "recipe": self.recipe.to_json(),
                "picture_hash": self.pictures.dream,
                "thumbnail_hash": None,
                "original_hash": self.pictures.original,
                "guide_hash": self.pictures.guide,
                "mask_hash": self.pictures.mask,
                "votes": len(voters),
                "reports": 0,
                "job_id": None,
                "channel_id": None,
                "mirror_channel_id": None,
                "mirror_message_id": None,
            }
        )
        return Moved(entry, self.likeness, voters)
