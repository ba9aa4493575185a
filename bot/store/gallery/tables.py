"""The galleries' tables.

``gallery_entry`` holds a dreamer's pictures and their name on the web; ``gallery_vote``, ``gallery_report``,
``gallery_bar`` and ``gallery_act`` say what people did.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Boolean, ForeignKey, Index, Integer, String, Text, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.entry import LONGEST_PRESET_KEY, LONGEST_REASON, LONGEST_TITLE, EntryState, Hidden
from bot.store.tables import Base, BlobRow, Hash, words

_Flag = Boolean(create_constraint=False)
# Compared byte by byte in both databases: what begins with some letters stands together in an index.
_Term = String(LONGEST_PRESET_KEY).with_variant(String(LONGEST_PRESET_KEY, collation="C"), "postgresql")

# As SQL without parameters, or no query could use the indices over them.
MIRROR_BEGUN = text("mirroring_at IS NOT NULL AND mirrored_votes IS NULL")
TO_TAKE_BACK = text("mirror_message_id IS NOT NULL AND state <> 'shown'")
TAKEN_BACK = text("mirroring_at IS NULL AND mirrored_votes IS NOT NULL AND state = 'shown'")


class EntryRow(Base):
    """One dream in one server's gallery."""

    __tablename__ = "gallery_entry"
    __table_args__ = (
        UniqueConstraint("guild_id", "picture_hash"),
        # A listing is a walk along one of these. What says who sees an entry stands at the end of each: those that
        # are not seen are passed by without a look at their rows.
        Index("ix_gallery_entry_newest", "guild_id", "state", "shown_at", "id", "restricted", "on_web"),
        Index("ix_gallery_entry_top", "guild_id", "state", "votes", "id", "shown_at", "restricted", "on_web"),
        Index("ix_gallery_entry_random", "guild_id", "state", "place", "id", "restricted", "on_web"),
        Index("ix_gallery_entry_by", "guild_id", "person_id", "state", "shown_at", "id", "restricted", "on_web"),
        Index(None, "guild_id", "reports", "id"),
        Index(None, "person_id", "id"),
        Index(None, "state", "removed_at"),
        Index("ix_gallery_entry_begun", "id", sqlite_where=MIRROR_BEGUN, postgresql_where=MIRROR_BEGUN),
        Index("ix_gallery_entry_to_take_back", "id", sqlite_where=TO_TAKE_BACK, postgresql_where=TO_TAKE_BACK),
        Index("ix_gallery_entry_taken_back", "id", sqlite_where=TAKEN_BACK, postgresql_where=TAKEN_BACK),
        {"sqlite_autoincrement": True},  # ids stand in buttons: none may come back for another entry
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    guild_id: Mapped[int]
    slug: Mapped[str] = mapped_column(String(22), unique=True)
    state: Mapped[EntryState] = mapped_column(words(EntryState, "state", constrained=True))
    person_id: Mapped[int]
    credit: Mapped[str | None] = mapped_column(String(64))
    title: Mapped[str | None] = mapped_column(String(LONGEST_TITLE))
    tags: Mapped[str] = mapped_column(Text, server_default="")  # with one space between two
    recipe: Mapped[str] = mapped_column(Text)
    preset: Mapped[str | None] = mapped_column(String(64))
    # None: it was removed, and let go; by its likeness it is known when somebody adds it again.
    picture_hash: Mapped[str | None] = mapped_column(ForeignKey(BlobRow.hash), index=True)
    thumbnail_hash: Mapped[str | None] = mapped_column(ForeignKey(BlobRow.hash), index=True)
    original_hash: Mapped[str | None] = mapped_column(ForeignKey(BlobRow.hash), index=True)
    guide_hash: Mapped[str | None] = mapped_column(ForeignKey(BlobRow.hash), index=True)
    mask_hash: Mapped[str | None] = mapped_column(ForeignKey(BlobRow.hash), index=True)
    width: Mapped[int] = mapped_column(Integer)
    height: Mapped[int] = mapped_column(Integer)
    restricted: Mapped[bool] = mapped_column(_Flag)
    spoiler: Mapped[bool] = mapped_column(_Flag)
    on_web: Mapped[bool] = mapped_column(_Flag)
    nominated: Mapped[bool] = mapped_column(_Flag, server_default=false())
    votes: Mapped[int] = mapped_column(Integer, server_default="0")
    reports: Mapped[int] = mapped_column(Integer, server_default="0")
    place: Mapped[int] = mapped_column(Integer)  # in a random walk: 0 to 999
    created_at: Mapped[datetime] = mapped_column(index=True)
    shown_at: Mapped[datetime | None]
    removed_at: Mapped[datetime | None]
    hidden: Mapped[Hidden | None] = mapped_column(words(Hidden, "hidden", constrained=False))
    reason: Mapped[str | None] = mapped_column(String(LONGEST_REASON))
    job_id: Mapped[int | None] = mapped_column(index=True)  # no foreign key: a job's row goes sooner
    channel_id: Mapped[int | None]
    # Its one message in the gallery channel: see bot.store.gallery.mirrors.
    mirror_channel_id: Mapped[int | None]
    mirror_message_id: Mapped[int | None]
    mirroring_at: Mapped[datetime | None]  # when its post was begun
    mirror_until: Mapped[datetime | None]  # until then whoever began it is at it
    mirror_file: Mapped[str | None] = mapped_column(String(64))  # what its picture is called there
    mirrored_votes: Mapped[int | None] = mapped_column(Integer)  # with how many it was shown last


class EntryTermRow(Base):
    """What a shown entry is found by: a tag, a word of its title and recipe, its preset. Hidden entries have none."""

    __tablename__ = "gallery_term"
    __table_args__ = (
        Index("ix_gallery_term_found", "guild_id", "kind", "term", "shown_at", "entry_id", "restricted", "on_web"),
    )

    entry_id: Mapped[int] = mapped_column(ForeignKey(EntryRow.id, ondelete="CASCADE"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(8), primary_key=True)  # bot.store.gallery.terms
    term: Mapped[str] = mapped_column(_Term, primary_key=True)
    # As in the entry's row.
    guild_id: Mapped[int]
    shown_at: Mapped[datetime]
    restricted: Mapped[bool] = mapped_column(_Flag)
    on_web: Mapped[bool] = mapped_column(_Flag)


class LikenessRow(Base):
    """By what an entry's picture is known again: a perceptual hash of 64 bits, whole and in four parts.

    Two hashes of which at most seven bits differ have one part in common but for one bit: by that they are found.
    """

    __tablename__ = "gallery_likeness"
    __table_args__ = tuple(Index(None, "guild_id", part) for part in ("part_0", "part_1", "part_2", "part_3"))

    entry_id: Mapped[int] = mapped_column(ForeignKey(EntryRow.id, ondelete="CASCADE"), primary_key=True)
    guild_id: Mapped[int]
    likeness: Mapped[int]  # as a signed number
    part_0: Mapped[int] = mapped_column(Integer)
    part_1: Mapped[int] = mapped_column(Integer)
    part_2: Mapped[int] = mapped_column(Integer)
    part_3: Mapped[int] = mapped_column(Integer)


class VoteRow(Base):
    """One person's vote for one entry."""

    __tablename__ = "gallery_vote"

    entry_id: Mapped[int] = mapped_column(ForeignKey(EntryRow.id, ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, index=True)


class ReportRow(Base):
    """One person's report of one entry, until a moderator decides."""

    __tablename__ = "gallery_report"

    entry_id: Mapped[int] = mapped_column(ForeignKey(EntryRow.id, ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, index=True)
    reason: Mapped[str] = mapped_column(String(LONGEST_REASON))
    created_at: Mapped[datetime]


class BarRow(Base):
    """Somebody who may not add to a server's gallery. It outlives their being forgotten, with nobody named."""

    __tablename__ = "gallery_bar"
    __table_args__ = (UniqueConstraint("guild_id", "who"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    guild_id: Mapped[int]
    who: Mapped[str] = mapped_column(Hash, index=True)  # a salted hash
    person_id: Mapped[int | None] = mapped_column(index=True)  # None once they were forgotten
    barred_by: Mapped[int]
    reason: Mapped[str | None] = mapped_column(String(LONGEST_REASON))
    created_at: Mapped[datetime]


class ActRow(Base):
    """One act in a server's gallery that its moderators may look up: the audit log."""

    __tablename__ = "gallery_act"
    __table_args__ = (Index(None, "guild_id", "id"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    guild_id: Mapped[int]
    entry_id: Mapped[int | None]  # no foreign key: a withdrawn entry's acts stay
    act: Mapped[str] = mapped_column(String(16))  # bot.store.gallery.acts.Act
    person_id: Mapped[int] = mapped_column(index=True)  # who did it; 0: the bot
    about_id: Mapped[int | None] = mapped_column(index=True)  # whose entry it is
    reason: Mapped[str | None] = mapped_column(String(LONGEST_REASON))
    created_at: Mapped[datetime] = mapped_column(index=True)


class GoneMessageRow(Base):
    """A message in a gallery channel whose entry is shown no more, or not there: it is to be deleted."""

    __tablename__ = "gallery_gone_message"

    id: Mapped[int] = mapped_column(primary_key=True)
    guild_id: Mapped[int]
    channel_id: Mapped[int]
    message_id: Mapped[int | None]  # None: it may have been posted, and is to be looked for
    entry_id: Mapped[int]  # no foreign key: a withdrawn entry's message is left
    begun_at: Mapped[datetime]  # its post
    created_at: Mapped[datetime] = mapped_column(index=True)
    takedown_id: Mapped[int | None]  # no foreign key: the takedown that its entry went by
    told_at: Mapped[datetime | None]  # when whoever runs the bot was told that Discord does not let it be deleted


class CopyRow(Base):
    """A message that *Share here* posted, for as long as its entry is there: with it, the message goes."""

    __tablename__ = "gallery_copy"

    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey(EntryRow.id, ondelete="CASCADE"), index=True)
    channel_id: Mapped[int]
    message_id: Mapped[int | None] = mapped_column(index=True)  # None: its post was begun, and there may be one
    created_at: Mapped[datetime]


# Those of an entry's columns that keep a picture alive.
ENTRY_PICTURES = (
    EntryRow.picture_hash,
    EntryRow.thumbnail_hash,
    EntryRow.original_hash,
    EntryRow.guide_hash,
    EntryRow.mask_hash,
)
