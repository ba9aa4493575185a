"""Servers' settings, and who changed them: the tables guild and guild_change."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None
loses = "every server's settings, and who changed them"

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Moment = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Bring the schema up."""
    op.create_table(
        "guild",
        sa.Column("guild_id", Id, nullable=False, autoincrement=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.Column("version", Id, nullable=False),
        sa.Column("changed_at", Moment, nullable=False),
        sa.PrimaryKeyConstraint("guild_id", name=op.f("pk_guild")),
    )
    op.create_index(op.f("ix_guild_changed_at"), "guild", ["changed_at"])
    op.create_table(
        "guild_change",
        sa.Column("id", Id, nullable=False),
        sa.Column("guild_id", Id, nullable=False),
        sa.Column("person_id", Id, nullable=False),
        sa.Column("changed_at", Moment, nullable=False),
        sa.Column("setting", sa.String(32), nullable=False),
        sa.Column("before", sa.JSON(), nullable=True),
        sa.Column("after", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guild_change")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_guild_change_guild_id_id"), "guild_change", ["guild_id", "id"])
    op.create_index(op.f("ix_guild_change_changed_at"), "guild_change", ["changed_at"])
    op.create_index(op.f("ix_guild_change_person_id"), "guild_change", ["person_id"])


def downgrade() -> None:
    """Bring the schema back down."""
    op.drop_table("guild_change")
    op.drop_table("guild")
