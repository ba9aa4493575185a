"""Presets, and a person's default: the tables preset and person."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None
loses = "every preset, and everybody's default"

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Moment = sa.DateTime(timezone=True)
Hash = sa.String(64)

PICTURES = ("guide_hash", "mask_hash", "thumbnail_hash")


def upgrade() -> None:
    """Bring the schema up."""
    op.create_table(
        "preset",
        sa.Column("id", Id, nullable=False),
        sa.Column("person_id", Id),
        sa.Column("guild_id", Id),
        sa.Column("name", sa.String(32), nullable=False),
        sa.Column("name_key", sa.Text(), nullable=False),
        sa.Column("recipe", sa.Text(), nullable=False),
        *(sa.Column(name, Hash) for name in PICTURES),
        sa.Column("restricted", sa.Boolean(create_constraint=False), server_default=sa.false(), nullable=False),
        sa.Column("share_code", sa.String(32)),
        sa.Column("created_by", Id, nullable=False),
        sa.Column("created_at", Moment, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_preset")),
        sa.CheckConstraint("(person_id IS NULL) <> (guild_id IS NULL)", name=op.f("ck_preset_one_owner")),
        sa.UniqueConstraint("person_id", "name_key", name=op.f("uq_preset_person_id")),
        sa.UniqueConstraint("guild_id", "name_key", name=op.f("uq_preset_guild_id")),
        sa.UniqueConstraint("share_code", name=op.f("uq_preset_share_code")),
        *(sa.ForeignKeyConstraint([name], ["blob.hash"], name=op.f(f"fk_preset_{name}")) for name in PICTURES),
        sqlite_autoincrement=True,
    )
    for name in PICTURES:
        op.create_index(op.f(f"ix_preset_{name}"), "preset", [name])
    op.create_table(
        "person",
        sa.Column("person_id", Id, autoincrement=False, nullable=False),
        sa.Column("default_preset_id", Id),
        sa.Column("default_built_in", sa.String(32)),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_person")),
        sa.CheckConstraint("default_preset_id IS NULL OR default_built_in IS NULL", name=op.f("ck_person_one_default")),
        sa.ForeignKeyConstraint(
            ["default_preset_id"], ["preset.id"], name=op.f("fk_person_default_preset_id"), ondelete="SET NULL"
        ),
    )
    op.create_index(op.f("ix_person_default_preset_id"), "person", ["default_preset_id"])


def downgrade() -> None:
    """Bring the schema back down."""
    op.drop_table("person")
    op.drop_table("preset")
