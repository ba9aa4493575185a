"""The tables: one class a table. Rows stay inside ``bot.store``; what leaves it is frozen plain data.

A person's data is in ``job`` (ids, recipe, the hashes of their pictures). The pictures are let go after the retention
time or by *Delete*, and the row is removed after the retention time, at the earliest after a day; interaction tokens go
when the person was told, at the latest when they expire. One row may stay longer: the one that holds the queue's clock.
It is also in ``preset`` and ``person`` (their presets with guide and mask, their default), until they delete it.
``bot.store.holdings`` says of every table how what it holds on a person is shown, exported, and forgotten.
"""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    DateTime,
    Double,
    Enum,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Text,
    UniqueConstraint,
    false,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

from bot.job import Shown, State

NAMES = {
    "pk": "pk_%(table_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
}

# Discord's ids need 64 bits; SQLite's INTEGER has them, and only INTEGER counts itself up there.
Id = BigInteger().with_variant(Integer, "sqlite")
Hash = String(64)  # SHA-256 in hexadecimal


class UtcDateTime(TypeDecorator[datetime]):
    """A moment with its time zone, always UTC: kept as such by PostgreSQL, as plain UTC text by SQLite."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs its time zone")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def words(of: type[StrEnum], name: str, *, constrained: bool) -> Enum:
    """Return a column type that keeps the members of ``of`` as their words."""
    return Enum(
        of,
        native_enum=False,
        length=16,
        create_constraint=constrained,
        name=name,
        values_callable=lambda members: [member.value for member in members],
    )


class Base(DeclarativeBase):
    """What all tables share: names for every constraint, so that a later revision can find them."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map: ClassVar[dict[Any, Any]] = {datetime: UtcDateTime(), int: Id, float: Double()}


class BlobRow(Base):
    """A stored picture or film: the row is touched first, then the object written, then the hash referred to."""

    __tablename__ = "blob"

    hash: Mapped[str] = mapped_column(Hash, primary_key=True)
    media_type: Mapped[str] = mapped_column(String(64))
    width: Mapped[int] = mapped_column(Integer)
    height: Mapped[int] = mapped_column(Integer)
    size: Mapped[int]  # bytes
    touched_at: Mapped[datetime]


class JobRow(Base):
    """One job: what was asked, where it stands, how it ended."""

    __tablename__ = "job"
    __table_args__ = (
        Index(None, "state", "start_tag"),
        Index(None, "person_id", "finish_tag"),
        Index(None, "person_id", "created_at"),
        Index(None, "guild_id", "created_at"),
        UniqueConstraint("interaction_id", "place", name="uq_job_interaction_id_place"),
        {"sqlite_autoincrement": True},  # ids stand in buttons: none may come back for another job
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[State] = mapped_column(words(State, "state", constrained=True))
    interaction_id: Mapped[int]
    place: Mapped[int] = mapped_column(Integer, server_default="0")  # among the jobs of one interaction
    jobs_in_message: Mapped[int] = mapped_column(Integer, server_default="1")
    application_id: Mapped[int]
    token: Mapped[str | None] = mapped_column(Text)
    token_expires_at: Mapped[datetime]
    person_id: Mapped[int]
    guild_id: Mapped[int | None]
    channel_id: Mapped[int]
    message_id: Mapped[int | None]
    filesize_limit: Mapped[int]
    restricted: Mapped[bool] = mapped_column(Boolean(create_constraint=False))
    locale: Mapped[str] = mapped_column(String(16), server_default="en-US")
    private: Mapped[bool] = mapped_column(Boolean(create_constraint=False), server_default=false())
    spoiler: Mapped[bool] = mapped_column(Boolean(create_constraint=False), server_default=false())
    recipe: Mapped[str] = mapped_column(Text)
    cost: Mapped[float]
    source_url: Mapped[str | None] = mapped_column(Text)
    source_hash: Mapped[str | None] = mapped_column(ForeignKey(BlobRow.hash), index=True)
    result_hash: Mapped[str | None] = mapped_column(ForeignKey(BlobRow.hash), index=True)
    guide_url: Mapped[str | None] = mapped_column(Text)
    guide_hash: Mapped[str | None] = mapped_column(ForeignKey(BlobRow.hash), index=True)
    mask_url: Mapped[str | None] = mapped_column(Text)
    mask_hash: Mapped[str | None] = mapped_column(ForeignKey(BlobRow.hash), index=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("job.id"), index=True)
    weight: Mapped[float] = mapped_column(server_default="1.0")
    failure: Mapped[str | None] = mapped_column(Text)
    note: Mapped[str | None] = mapped_column(Text)
    owner: Mapped[str | None] = mapped_column(String(64))
    lease_until: Mapped[datetime | None]
    attempt: Mapped[int] = mapped_column(Integer)
    strikes: Mapped[int] = mapped_column(Integer)
    start_tag: Mapped[float | None] = mapped_column(index=True)
    finish_tag: Mapped[float | None]
    seconds: Mapped[float | None]
    fingerprint: Mapped[str | None] = mapped_column(Text)
    preset: Mapped[str | None] = mapped_column(String(64))  # the built-in or server's one that it was begun from
    borrowed: Mapped[bool] = mapped_column(Boolean(create_constraint=False), server_default=false())
    film: Mapped[str | None] = mapped_column(Text)  # bot.film.FilmAsk; none: a picture
    created_at: Mapped[datetime] = mapped_column(index=True)
    finished_at: Mapped[datetime | None]
    posting_at: Mapped[datetime | None]
    told_at: Mapped[datetime | None] = mapped_column(index=True)  # the untold are looked for every few seconds
    shown: Mapped[Shown | None] = mapped_column(words(Shown, "shown", constrained=False))


# Those of a job's columns that keep a picture alive.
PICTURES = (JobRow.source_hash, JobRow.guide_hash, JobRow.mask_hash, JobRow.result_hash)


class PeriodRow(Base):
    """One act that is done once a period, by whichever process wrote its row: the newest period of each act."""

    __tablename__ = "period"

    act: Mapped[str] = mapped_column(String(32), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # whole periods since 1970


class RegistrationRow(Base):
    """The commands that were registered last for one application."""

    __tablename__ = "registration"

    application_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    digest: Mapped[str] = mapped_column(Hash)  # of the commands and of the ids that Discord gave them


class ProcessRow(Base):
    """One bot process among several on this database, for as long as it renews its row."""

    __tablename__ = "process"

    owner: Mapped[str] = mapped_column(String(64), primary_key=True)
    workers: Mapped[list[dict[str, Any]]] = mapped_column(JSON)  # bot.store.processes.Told
    alive_until: Mapped[datetime]


class PresetRow(Base):
    """A recipe with a name, of one person or of one server. Its pictures live as long as it does."""

    __tablename__ = "preset"
    __table_args__ = (
        CheckConstraint("(person_id IS NULL) <> (guild_id IS NULL)", name="one_owner"),
        UniqueConstraint("person_id", "name_key"),
        UniqueConstraint("guild_id", "name_key"),
        {"sqlite_autoincrement": True},  # ids stand in buttons: none may come back for another preset
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int | None]
    guild_id: Mapped[int | None]
    name: Mapped[str] = mapped_column(String(32))  # as typed
    name_key: Mapped[str] = mapped_column(Text)  # what it is compared by
    recipe: Mapped[str] = mapped_column(Text)
    guide_hash: Mapped[str | None] = mapped_column(ForeignKey(BlobRow.hash), index=True)
    mask_hash: Mapped[str | None] = mapped_column(ForeignKey(BlobRow.hash), index=True)
    thumbnail_hash: Mapped[str | None] = mapped_column(ForeignKey(BlobRow.hash), index=True)
    restricted: Mapped[bool] = mapped_column(Boolean(create_constraint=False), server_default=false())
    share_code: Mapped[str | None] = mapped_column(String(32), unique=True)
    created_by: Mapped[int]
    created_at: Mapped[datetime]


class PersonRow(Base):
    """What a person has chosen for themselves."""

    __tablename__ = "person"
    __table_args__ = (CheckConstraint("default_preset_id IS NULL OR default_built_in IS NULL", name="one_default"),)

    person_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    default_preset_id: Mapped[int | None] = mapped_column(ForeignKey(PresetRow.id, ondelete="SET NULL"), index=True)
    default_built_in: Mapped[str | None] = mapped_column(String(32))


class GuildRow(Base):
    """What the moderators of a server have settled for it, and since when the bot is no longer there."""

    __tablename__ = "guild"

    guild_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    settings: Mapped[dict[str, Any]] = mapped_column(JSON)  # bot.guild.GuildSettings
    version: Mapped[int]  # how often they were changed
    changed_at: Mapped[datetime] = mapped_column(index=True)
    left_at: Mapped[datetime | None]


class GuildChangeRow(Base):
    """One setting that somebody changed."""

    __tablename__ = "guild_change"
    __table_args__ = (
        Index(None, "guild_id", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    guild_id: Mapped[int]
    person_id: Mapped[int] = mapped_column(index=True)
    changed_at: Mapped[datetime] = mapped_column(index=True)
    setting: Mapped[str] = mapped_column(String(32))
    before: Mapped[Any] = mapped_column(JSON, nullable=True)
    after: Mapped[Any] = mapped_column(JSON, nullable=True)


class ForgettingRow(Base):
    """A person who is being forgotten: written first, removed when nothing is left. A start goes on with it."""

    __tablename__ = "forgetting"

    person_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    begun_at: Mapped[datetime]
    jobs: Mapped[list[int]] = mapped_column(JSON)  # whose rows are gone, and whose results may not be
    pictures: Mapped[list[str]] = mapped_column(JSON)  # that their rows held


class ForgottenCostRow(Base):
    """What a dream of somebody forgotten took of a day's quota: for 24 hours, and nobody is named."""

    __tablename__ = "forgotten_cost"

    id: Mapped[int] = mapped_column(primary_key=True)
    who: Mapped[str] = mapped_column(Hash, index=True)  # a salted hash
    guild_id: Mapped[int | None] = mapped_column(index=True)
    cost: Mapped[float]
    created_at: Mapped[datetime] = mapped_column(index=True)  # when the dream was asked for


class SaltRow(Base):
    """What the hashes of forgotten people are salted with: one row, made by the first *forget*."""

    __tablename__ = "salt"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    salt: Mapped[str] = mapped_column(String(64))
