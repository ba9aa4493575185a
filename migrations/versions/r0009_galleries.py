"""The servers' galleries, and which preset a job began from."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None
loses = "the galleries with votes, reports and bars, and which servers the bot has left"

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Moment = sa.DateTime(timezone=True)
Hash = sa.String(64)
Flag = sa.Boolean(create_constraint=False)
PICTURES = ("picture_hash", "thumbnail_hash", "original_hash", "guide_hash", "mask_hash")
Term = sa.String(40).with_variant(sa.String(40, collation="C"), "postgresql")
SEEN = ["restricted", "on_web"]
PARTS = ("part_0", "part_1", "part_2", "part_3")
MIRRORED = {
    "begun": sa.text("mirroring_at IS NOT NULL AND mirrored_votes IS NULL"),
    "to_take_back": sa.text("mirror_message_id IS NOT NULL AND state <> 'shown'"),
    "taken_back": sa.text("mirroring_at IS NULL AND mirrored_votes IS NOT NULL AND state = 'shown'"),
}
STATES = ("nominated", "pending", "shown", "hidden", "removed")


def upgrade() -> None:
    """Bring the schema up."""
    op.add_column("job", sa.Column("preset", sa.String(64), nullable=True))
    op.add_column("job", sa.Column("borrowed", Flag, server_default=sa.false(), nullable=False))
    op.add_column("guild", sa.Column("left_at", Moment, nullable=True))
    op.create_table(
        "gallery_entry",
        sa.Column("id", Id, nullable=False),
        sa.Column("guild_id", Id, nullable=False),
        sa.Column("slug", sa.String(22), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("person_id", Id, nullable=False),
        sa.Column("credit", sa.String(64), nullable=True),
        sa.Column("title", sa.String(80), nullable=True),
        sa.Column("tags", sa.Text(), server_default="", nullable=False),
        sa.Column("recipe", sa.Text(), nullable=False),
        sa.Column("preset", sa.String(64), nullable=True),
        *(sa.Column(name, Hash, nullable=True) for name in PICTURES),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("restricted", Flag, nullable=False),
        sa.Column("spoiler", Flag, nullable=False),
        sa.Column("on_web", Flag, nullable=False),
        sa.Column("nominated", Flag, server_default=sa.false(), nullable=False),
        sa.Column("votes", sa.Integer(), server_default="0", nullable=False),
        sa.Column("reports", sa.Integer(), server_default="0", nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("created_at", Moment, nullable=False),
        sa.Column("shown_at", Moment, nullable=True),
        sa.Column("removed_at", Moment, nullable=True),
        sa.Column("hidden", sa.String(16), nullable=True),
        sa.Column("reason", sa.String(300), nullable=True),
        sa.Column("job_id", Id, nullable=True),
        sa.Column("channel_id", Id, nullable=True),
        sa.Column("mirror_channel_id", Id, nullable=True),
        sa.Column("mirror_message_id", Id, nullable=True),
        sa.Column("mirroring_at", Moment, nullable=True),
        sa.Column("mirror_until", Moment, nullable=True),
        sa.Column("mirror_file", sa.String(64), nullable=True),
        sa.Column("mirrored_votes", sa.Integer(), nullable=True),
        sa.CheckConstraint(sa.column("state").in_(STATES), name=op.f("ck_gallery_entry_state")),
        *(sa.ForeignKeyConstraint([name], ["blob.hash"], name=op.f(f"fk_gallery_entry_{name}")) for name in PICTURES),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gallery_entry")),
        sa.UniqueConstraint("guild_id", "picture_hash", name=op.f("uq_gallery_entry_guild_id")),
        sa.UniqueConstraint("slug", name=op.f("uq_gallery_entry_slug")),
        sqlite_autoincrement=True,
    )
    for name, columns in {
        "newest": ["guild_id", "state", "shown_at", "id", *SEEN],
        "top": ["guild_id", "state", "votes", "id", "shown_at", *SEEN],
        "random": ["guild_id", "state", "place", "id", *SEEN],
        "by": ["guild_id", "person_id", "state", "shown_at", "id", *SEEN],
    }.items():
        op.create_index(f"ix_gallery_entry_{name}", "gallery_entry", columns)
    for columns in (
        ["guild_id", "reports", "id"],
        ["person_id", "id"],
        ["state", "removed_at"],
        ["created_at"],
        ["job_id"],
        *([name] for name in PICTURES),
    ):
        op.create_index(op.f(f"ix_gallery_entry_{'_'.join(columns)}"), "gallery_entry", columns)
    for name, which in MIRRORED.items():
        op.create_index(f"ix_gallery_entry_{name}", "gallery_entry", ["id"], sqlite_where=which, postgresql_where=which)
    op.create_table(
        "gallery_term",
        sa.Column("entry_id", Id, nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("term", Term, nullable=False),
        sa.Column("guild_id", Id, nullable=False),
        sa.Column("shown_at", Moment, nullable=False),
        sa.Column("restricted", Flag, nullable=False),
        sa.Column("on_web", Flag, nullable=False),
        _of_the_entry("gallery_term"),
        sa.PrimaryKeyConstraint("entry_id", "kind", "term", name=op.f("pk_gallery_term")),
    )
    found_by = ["guild_id", "kind", "term", "shown_at", "entry_id", *SEEN]
    op.create_index("ix_gallery_term_found", "gallery_term", found_by)
    op.create_table(
        "gallery_likeness",
        sa.Column("entry_id", Id, nullable=False),
        sa.Column("guild_id", Id, nullable=False),
        sa.Column("likeness", Id, nullable=False),
        *(sa.Column(part, sa.Integer(), nullable=False) for part in PARTS),
        _of_the_entry("gallery_likeness"),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_gallery_likeness")),
    )
    for part in PARTS:
        op.create_index(op.f(f"ix_gallery_likeness_guild_id_{part}"), "gallery_likeness", ["guild_id", part])
    op.create_table(
        "gallery_vote",
        sa.Column("entry_id", Id, nullable=False),
        sa.Column("person_id", Id, autoincrement=False, nullable=False),
        _of_the_entry("gallery_vote"),
        sa.PrimaryKeyConstraint("entry_id", "person_id", name=op.f("pk_gallery_vote")),
    )
    op.create_index(op.f("ix_gallery_vote_person_id"), "gallery_vote", ["person_id"])
    op.create_table(
        "gallery_report",
        sa.Column("entry_id", Id, nullable=False),
        sa.Column("person_id", Id, autoincrement=False, nullable=False),
        sa.Column("reason", sa.String(300), nullable=False),
        sa.Column("created_at", Moment, nullable=False),
        _of_the_entry("gallery_report"),
        sa.PrimaryKeyConstraint("entry_id", "person_id", name=op.f("pk_gallery_report")),
    )
    op.create_index(op.f("ix_gallery_report_person_id"), "gallery_report", ["person_id"])
    op.create_table(
        "gallery_bar",
        sa.Column("id", Id, nullable=False),
        sa.Column("guild_id", Id, nullable=False),
        sa.Column("who", Hash, nullable=False),
        sa.Column("person_id", Id, nullable=True),
        sa.Column("barred_by", Id, nullable=False),
        sa.Column("reason", sa.String(300), nullable=True),
        sa.Column("created_at", Moment, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gallery_bar")),
        sa.UniqueConstraint("guild_id", "who", name=op.f("uq_gallery_bar_guild_id")),
    )
    for column in ("who", "person_id"):
        op.create_index(op.f(f"ix_gallery_bar_{column}"), "gallery_bar", [column])
    op.create_table(
        "gallery_act",
        sa.Column("id", Id, nullable=False),
        sa.Column("guild_id", Id, nullable=False),
        sa.Column("entry_id", Id, nullable=True),
        sa.Column("act", sa.String(16), nullable=False),
        sa.Column("person_id", Id, nullable=False),
        sa.Column("about_id", Id, nullable=True),
        sa.Column("reason", sa.String(300), nullable=True),
        sa.Column("created_at", Moment, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gallery_act")),
        sqlite_autoincrement=True,
    )
    for columns in (["guild_id", "id"], ["person_id"], ["about_id"], ["created_at"]):
        op.create_index(op.f(f"ix_gallery_act_{'_'.join(columns)}"), "gallery_act", columns)
    op.create_table(
        "gallery_gone_message",
        sa.Column("id", Id, nullable=False),
        sa.Column("guild_id", Id, nullable=False),
        sa.Column("channel_id", Id, nullable=False),
        sa.Column("message_id", Id, nullable=True),
        sa.Column("entry_id", Id, nullable=False),
        sa.Column("begun_at", Moment, nullable=False),
        sa.Column("created_at", Moment, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gallery_gone_message")),
    )
    op.create_index(op.f("ix_gallery_gone_message_created_at"), "gallery_gone_message", ["created_at"])


def downgrade() -> None:
    """Bring the schema back down."""
    for table in ("gone_message", "act", "bar", "report", "vote", "likeness", "term", "entry"):
        op.drop_table(f"gallery_{table}")
    op.drop_column("guild", "left_at")
    op.drop_column("job", "borrowed")
    op.drop_column("job", "preset")


def _of_the_entry(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["entry_id"], ["gallery_entry.id"], name=op.f(f"fk_{table}_entry_id"), ondelete="CASCADE"
    )
