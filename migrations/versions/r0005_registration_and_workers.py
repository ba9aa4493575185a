"""What commands are registered, and each worker of a process: the tables registration and process."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None
loses = ""

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Moment = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Bring the schema up."""
    op.create_table(
        "registration",
        sa.Column("application_id", Id, nullable=False, autoincrement=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("application_id", name=op.f("pk_registration")),
    )
    # Whoever lives writes its row again within seconds.
    op.drop_table("process")
    op.create_table("process", *_process(sa.Column("workers", sa.JSON(), nullable=False)))


def downgrade() -> None:
    """Bring the schema back down."""
    op.drop_table("process")
    op.create_table(
        "process", *_process(sa.Column("workers", sa.Integer(), nullable=False), sa.Column("speed", sa.Double()))
    )
    op.drop_table("registration")


def _process(*workers: sa.Column[Any]) -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("owner", sa.String(64), nullable=False),
        *workers,
        sa.Column("alive_until", Moment, nullable=False),
        sa.PrimaryKeyConstraint("owner", name=op.f("pk_process")),
    ]
