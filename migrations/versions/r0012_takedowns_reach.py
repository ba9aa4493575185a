"""What a takedown reaches besides: copies of entries, messages that cannot be deleted, films, reports' posts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None
loses = (
    "where entries of galleries were shared, so that those messages stay when the entry goes; which messages still "
    "show what was taken down; and how films that were taken down look, which may come again"
)

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Moment = sa.DateTime(timezone=True)
Flag = sa.Boolean(create_constraint=False)


def upgrade() -> None:
    """Bring the schema up."""
    op.create_table(
        "gallery_copy",
        sa.Column("id", Id, nullable=False),
        sa.Column("entry_id", Id, nullable=False),
        sa.Column("channel_id", Id, nullable=False),
        sa.Column("message_id", Id, nullable=True),
        sa.Column("created_at", Moment, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_gallery_copy"),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["gallery_entry.id"], name="fk_gallery_copy_entry_id", ondelete="CASCADE"
        ),
    )
    for column in ("entry_id", "message_id"):
        op.create_index(f"ix_gallery_copy_{column}", "gallery_copy", [column])
    op.add_column("gallery_gone_message", sa.Column("takedown_id", Id, nullable=True))
    op.add_column("gallery_gone_message", sa.Column("told_at", Moment, nullable=True))
    op.add_column("takedown", sa.Column("copies", Id, server_default="0", nullable=False))
    op.add_column("taken_imprint", sa.Column("film", Flag, server_default=sa.false(), nullable=False))
    op.add_column("dream_report", sa.Column("posted_channel_id", Id, nullable=True))
    op.add_column("dream_report", sa.Column("shown", sa.String(16), nullable=True))
    # What was decided before was shown in the post whose buttons decided it.
    op.execute("UPDATE dream_report SET shown = decision")


def downgrade() -> None:
    """Bring the schema back down: what is known of films by their looks alone is known no more."""
    op.execute("DELETE FROM taken_imprint WHERE film")
    op.drop_column("dream_report", "shown")
    op.drop_column("dream_report", "posted_channel_id")
    op.drop_column("taken_imprint", "film")
    op.drop_column("takedown", "copies")
    op.drop_column("gallery_gone_message", "told_at")
    op.drop_column("gallery_gone_message", "takedown_id")
    op.drop_table("gallery_copy")
