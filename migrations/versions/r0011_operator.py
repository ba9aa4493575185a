"""What whoever runs the bot settles: who may use it, whether dreams are taken, and what was done."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None
loses = (
    "who may use the bot and who is shut out, a pause, what was taken down (which may come again), reports, and the "
    "operator's log"
)

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Moment = sa.DateTime(timezone=True)
Hash = sa.String(64)
Flag = sa.Boolean(create_constraint=False)


def upgrade() -> None:
    """Bring the schema up."""
    op.create_table(
        "regime",
        sa.Column("id", Id, autoincrement=False, nullable=False),
        sa.Column("version", Id, nullable=False),
        sa.Column("listed_only", Flag, server_default=sa.false(), nullable=False),
        sa.Column("leave_others", Flag, server_default=sa.false(), nullable=False),
        sa.Column("notice", sa.String(300), nullable=True),
        sa.Column("paused_at", Moment, nullable=True),
        sa.Column("paused_until", Moment, nullable=True),
        sa.Column("reports_channel_id", Id, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_regime"),
    )
    op.create_table(
        "server_rule",
        sa.Column("guild_id", Id, autoincrement=False, nullable=False),
        sa.Column("allowed", Flag, server_default=sa.false(), nullable=False),
        sa.Column("reason", sa.String(300), nullable=True),
        sa.Column("until", Moment, nullable=True),
        sa.PrimaryKeyConstraint("guild_id", name="pk_server_rule"),
    )
    op.create_table(
        "blocked_person",
        sa.Column("id", Id, nullable=False),
        sa.Column("who", Hash, nullable=False),
        sa.Column("person_id", Id, nullable=True),
        sa.Column("reason", sa.String(300), nullable=False),
        sa.Column("until", Moment, nullable=True),
        sa.Column("created_at", Moment, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_blocked_person"),
        sa.UniqueConstraint("who", name="uq_blocked_person_who"),
    )
    op.create_index("ix_blocked_person_person_id", "blocked_person", ["person_id"])
    op.create_table(
        "admin_act",
        sa.Column("id", Id, nullable=False),
        sa.Column("act", sa.String(16), nullable=False),
        sa.Column("login", sa.String(64), nullable=True),
        sa.Column("person_id", Id, nullable=True),
        sa.Column("about_id", Id, nullable=True),
        sa.Column("guild_id", Id, nullable=True),
        sa.Column("reason", sa.String(300), nullable=True),
        sa.Column("created_at", Moment, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_admin_act"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_admin_act_person_id", "admin_act", ["person_id"])
    op.create_index("ix_admin_act_about_id", "admin_act", ["about_id"])
    op.create_table(
        "takedown",
        sa.Column("id", Id, nullable=False),
        sa.Column("reason", sa.String(300), nullable=False),
        *(sa.Column(name, Id, nullable=False) for name in ("pictures", "dreams", "entries", "presets")),
        sa.Column("created_at", Moment, nullable=False),
        sa.Column("undone_at", Moment, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_takedown"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "taken_digest",
        sa.Column("digest", Hash, nullable=False),
        sa.Column("takedown_id", Id, nullable=False),
        sa.PrimaryKeyConstraint("digest", "takedown_id", name="pk_taken_digest"),
        sa.ForeignKeyConstraint(["takedown_id"], ["takedown.id"], name="fk_taken_digest_takedown_id"),
    )
    op.create_table(
        "taken_imprint",
        sa.Column("id", Id, nullable=False),
        sa.Column("takedown_id", Id, nullable=False),
        sa.Column("imprints", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_taken_imprint"),
        sa.ForeignKeyConstraint(["takedown_id"], ["takedown.id"], name="fk_taken_imprint_takedown_id"),
    )
    op.create_index("ix_taken_imprint_takedown_id", "taken_imprint", ["takedown_id"])
    op.create_table(
        "dream_report",
        sa.Column("id", Id, nullable=False),
        sa.Column("guild_id", Id, nullable=True),
        sa.Column("channel_id", Id, nullable=False),
        sa.Column("message_id", Id, nullable=False),
        sa.Column("person_id", Id, nullable=True),
        sa.Column("about_id", Id, nullable=True),
        sa.Column("reason", sa.String(300), nullable=False),
        sa.Column("created_at", Moment, nullable=False),
        sa.Column("posting_at", Moment, nullable=True),
        sa.Column("posted_id", Id, nullable=True),
        sa.Column("decision", sa.String(16), nullable=True),
        sa.Column("decided_by", Id, nullable=True),
        sa.Column("decided_at", Moment, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_dream_report"),
        sa.UniqueConstraint("message_id", "person_id", name="uq_dream_report_message_id"),
        sqlite_autoincrement=True,
    )
    for column in ("person_id", "about_id", "decided_by", "decided_at"):
        op.create_index(f"ix_dream_report_{column}", "dream_report", [column])


def downgrade() -> None:
    """Bring the schema back down: everybody is let in again, dreams are taken, and what was taken down may come."""
    for table in (
        "dream_report",
        "taken_imprint",
        "taken_digest",
        "takedown",
        "admin_act",
        "blocked_person",
        "server_rule",
        "regime",
    ):
        op.drop_table(table)
