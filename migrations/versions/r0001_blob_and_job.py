"""The first tables: blob and job."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

STATES = ("accepted", "queued", "running", "dreamed", "failed", "cancelled")

# Discord's ids need 64 bits; SQLite's INTEGER has them, and only INTEGER counts itself up there.
Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Moment = sa.DateTime(timezone=True)
Hash = sa.String(64)


def upgrade() -> None:
    """Bring the schema up."""
    op.create_table(
        "blob",
        sa.Column("hash", Hash, nullable=False),
        sa.Column("media_type", sa.String(64), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("size", Id, nullable=False),
        sa.Column("touched_at", Moment, nullable=False),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_blob")),
    )
    op.create_table(
        "job",
        sa.Column("id", Id, nullable=False),
        sa.Column(
            "state",
            sa.Enum(*STATES, name="state", native_enum=False, create_constraint=True, length=16),
            nullable=False,
        ),
        sa.Column("interaction_id", Id, nullable=False),
        sa.Column("application_id", Id, nullable=False),
        sa.Column("token", sa.Text()),
        sa.Column("token_expires_at", Moment, nullable=False),
        sa.Column("person_id", Id, nullable=False),
        sa.Column("guild_id", Id),
        sa.Column("channel_id", Id, nullable=False),
        sa.Column("message_id", Id),
        sa.Column("filesize_limit", Id, nullable=False),
        sa.Column("restricted", sa.Boolean(create_constraint=False), nullable=False),
        sa.Column("recipe", sa.Text(), nullable=False),
        sa.Column("cost", sa.Double(), nullable=False),
        sa.Column("source_url", sa.Text()),
        sa.Column("source_hash", Hash),
        sa.Column("result_hash", Hash),
        sa.Column("parent_id", Id),
        sa.Column("failure", sa.Text()),
        sa.Column("note", sa.Text()),
        sa.Column("owner", sa.String(64)),
        sa.Column("lease_until", Moment),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("strikes", sa.Integer(), nullable=False),
        sa.Column("start_tag", sa.Double()),
        sa.Column("finish_tag", sa.Double()),
        sa.Column("seconds", sa.Double()),
        sa.Column("fingerprint", sa.Text()),
        sa.Column("created_at", Moment, nullable=False),
        sa.Column("finished_at", Moment),
        sa.Column("told_at", Moment),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
        sa.UniqueConstraint("interaction_id", name=op.f("uq_job_interaction_id")),
        sa.ForeignKeyConstraint(["source_hash"], ["blob.hash"], name=op.f("fk_job_source_hash")),
        sa.ForeignKeyConstraint(["result_hash"], ["blob.hash"], name=op.f("fk_job_result_hash")),
        sa.ForeignKeyConstraint(["parent_id"], ["job.id"], name=op.f("fk_job_parent_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_job_state_start_tag"), "job", ["state", "start_tag"])
    op.create_index(op.f("ix_job_person_id_finish_tag"), "job", ["person_id", "finish_tag"])
    op.create_index(op.f("ix_job_start_tag"), "job", ["start_tag"])
    op.create_index(op.f("ix_job_source_hash"), "job", ["source_hash"])
    op.create_index(op.f("ix_job_result_hash"), "job", ["result_hash"])


def downgrade() -> None:
    """Bring the schema back down."""
    op.drop_table("job")
    op.drop_table("blob")
