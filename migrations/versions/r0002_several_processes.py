"""Several processes, quotas, what became of an outcome: columns of job, and the tables period and process."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None
loses = "how much dreams weighed, and which outcomes the chat could not show"

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Moment = sa.DateTime(timezone=True)

LOOKED_UP = (["person_id", "created_at"], ["guild_id", "created_at"], ["created_at"])


def _index(columns: list[str]) -> str:
    return op.f("ix_job_" + "_".join(columns))


def upgrade() -> None:
    """Bring the schema up."""
    op.add_column("job", sa.Column("weight", sa.Double(), nullable=False, server_default="1.0"))
    op.add_column("job", sa.Column("posting_at", Moment))
    op.add_column("job", sa.Column("shown", sa.String(16)))
    for columns in LOOKED_UP:
        op.create_index(_index(columns), "job", columns)
    op.create_table(
        "period",
        sa.Column("act", sa.String(32), nullable=False),
        sa.Column("number", Id, nullable=False, autoincrement=False),
        sa.PrimaryKeyConstraint("act", "number", name=op.f("pk_period")),
    )
    op.create_table(
        "process",
        sa.Column("owner", sa.String(64), nullable=False),
        sa.Column("workers", sa.Integer(), nullable=False),
        sa.Column("speed", sa.Double()),
        sa.Column("alive_until", Moment, nullable=False),
        sa.PrimaryKeyConstraint("owner", name=op.f("pk_process")),
    )


def downgrade() -> None:
    """Bring the schema back down."""
    op.drop_table("process")
    op.drop_table("period")
    for columns in LOOKED_UP:
        op.drop_index(_index(columns), "job")
    op.drop_column("job", "shown")
    op.drop_column("job", "posting_at")
    op.drop_column("job", "weight")
