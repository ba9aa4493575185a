"""Forgetting: the tables forgetting, forgotten_cost and salt."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None
loses = "what people who were forgotten have used of a day's quota"

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Moment = sa.DateTime(timezone=True)
Hash = sa.String(64)

INDEXED = ("who", "guild_id", "created_at")


def upgrade() -> None:
    """Bring the schema up."""
    op.create_table(
        "forgetting",
        sa.Column("person_id", Id, autoincrement=False, nullable=False),
        sa.Column("begun_at", Moment, nullable=False),
        sa.Column("jobs", sa.JSON(), nullable=False),
        sa.Column("pictures", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_forgetting")),
    )
    op.create_table(
        "forgotten_cost",
        sa.Column("id", Id, nullable=False),
        sa.Column("who", Hash, nullable=False),
        sa.Column("guild_id", Id),
        sa.Column("cost", sa.Double(), nullable=False),
        sa.Column("created_at", Moment, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_forgotten_cost")),
    )
    for name in INDEXED:
        op.create_index(op.f(f"ix_forgotten_cost_{name}"), "forgotten_cost", [name])
    op.create_table(
        "salt",
        sa.Column("id", Id, autoincrement=False, nullable=False),
        sa.Column("salt", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_salt")),
    )


def downgrade() -> None:
    """Bring the schema back down."""
    op.drop_table("salt")
    op.drop_table("forgotten_cost")
    op.drop_table("forgetting")
