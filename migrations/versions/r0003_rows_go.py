"""Rows of jobs are removed: indexes for what refers to them, and for those that are not told yet."""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None
loses = ""

LOOKED_UP = ("parent_id", "told_at")


def upgrade() -> None:
    """Bring the schema up."""
    for column in LOOKED_UP:
        op.create_index(op.f(f"ix_job_{column}"), "job", [column])


def downgrade() -> None:
    """Bring the schema back down."""
    for column in LOOKED_UP:
        op.drop_index(op.f(f"ix_job_{column}"), "job")
