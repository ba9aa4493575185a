"""The tables of what whoever runs the bot has settled, and of what they did."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Boolean, ForeignKey, LargeBinary, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from bot.regime import LONGEST_NOTICE, LONGEST_REASON
from bot.store.tables import Base, Hash

_Flag = Boolean(create_constraint=False)


class RegimeRow(Base):
    """What holds for the whole bot: one row, made by the first change."""

    __tablename__ = "regime"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    version: Mapped[int]  # how often anything of the operator's was changed, whichever table it is in
    listed_only: Mapped[bool] = mapped_column(_Flag, server_default=false())
    leave_others: Mapped[bool] = mapped_column(_Flag, server_default=false())
    notice: Mapped[str | None] = mapped_column(String(LONGEST_NOTICE))  # of the pause; None: there is none
    paused_at: Mapped[datetime | None]
    paused_until: Mapped[datetime | None]
    reports_channel_id: Mapped[int | None]  # where people's reports are posted


class ServerRuleRow(Base):
    """What was settled for one server: that it is on the allow-list, or shut out."""

    __tablename__ = "server_rule"

    guild_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    allowed: Mapped[bool] = mapped_column(_Flag, server_default=false())
    reason: Mapped[str | None] = mapped_column(String(LONGEST_REASON))  # why it is shut out; None: it is not
    until: Mapped[datetime | None]


class BlockedPersonRow(Base):
    """Somebody who is shut out. It outlives their being forgotten, with nobody named."""

    __tablename__ = "blocked_person"

    id: Mapped[int] = mapped_column(primary_key=True)
    who: Mapped[str] = mapped_column(Hash, unique=True)  # a salted hash
    person_id: Mapped[int | None] = mapped_column(index=True)  # None once they were forgotten
    reason: Mapped[str] = mapped_column(String(LONGEST_REASON))
    until: Mapped[datetime | None]
    created_at: Mapped[datetime]


class AdminActRow(Base):
    """One act of whoever runs the bot: written, and never changed but for names that are forgotten."""

    __tablename__ = "admin_act"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    act: Mapped[str] = mapped_column(String(16))  # bot.store.admin.acts.Act
    login: Mapped[str | None] = mapped_column(String(64))  # whose shell it was done in; None: it was done in the chat
    person_id: Mapped[int | None] = mapped_column(index=True)  # who did it in the chat
    about_id: Mapped[int | None] = mapped_column(index=True)  # the person that it is about
    guild_id: Mapped[int | None]  # the server that it is about
    reason: Mapped[str | None] = mapped_column(String(LONGEST_REASON))
    created_at: Mapped[datetime]


class TakedownRow(Base):
    """One takedown: of a picture and of what was dreamed from it. It names nobody, and keeps no picture."""

    __tablename__ = "takedown"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    reason: Mapped[str] = mapped_column(String(LONGEST_REASON))
    pictures: Mapped[int]  # how many went
    dreams: Mapped[int]
    entries: Mapped[int]
    presets: Mapped[int]
    copies: Mapped[int] = mapped_column(server_default="0")  # messages that *Share here* posted
    created_at: Mapped[datetime]
    undone_at: Mapped[datetime | None]  # since when it may be sent again


class TakenDigestRow(Base):
    """By what a picture that was taken down is known when it comes back as it was: a SHA-256."""

    __tablename__ = "taken_digest"

    digest: Mapped[str] = mapped_column(Hash, primary_key=True)  # of a file's bytes, or of its pixels
    takedown_id: Mapped[int] = mapped_column(ForeignKey(TakedownRow.id), primary_key=True)


class TakenImprintRow(Base):
    """By what it is known in another file."""

    __tablename__ = "taken_imprint"

    id: Mapped[int] = mapped_column(primary_key=True)
    takedown_id: Mapped[int] = mapped_column(ForeignKey(TakedownRow.id), index=True)
    imprints: Mapped[bytes] = mapped_column(LargeBinary)  # bot.intake.imprint: 32 bytes each
    film: Mapped[bool] = mapped_column(_Flag, server_default=false())  # of a film's frames, not of one picture


class DreamReportRow(Base):
    """One person's report of one message of the bot's, to whoever runs it."""

    __tablename__ = "dream_report"
    __table_args__ = (UniqueConstraint("message_id", "person_id"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)  # stands in buttons: none may come back for another report
    guild_id: Mapped[int | None]
    channel_id: Mapped[int]
    message_id: Mapped[int]
    person_id: Mapped[int | None] = mapped_column(index=True)  # who reports; None once they were forgotten
    about_id: Mapped[int | None] = mapped_column(index=True)  # whose dream it is, where that is known
    reason: Mapped[str] = mapped_column(String(LONGEST_REASON))
    created_at: Mapped[datetime]
    posting_at: Mapped[datetime | None]  # when somebody began to post it, or to show what was decided
    posted_id: Mapped[int | None]  # that post
    posted_channel_id: Mapped[int | None]
    shown: Mapped[str | None] = mapped_column(String(16))  # which decision that post shows
    decision: Mapped[str | None] = mapped_column(String(16))  # bot.store.admin.reports.Decision
    decided_by: Mapped[int | None] = mapped_column(index=True)
    decided_at: Mapped[datetime | None] = mapped_column(index=True)
