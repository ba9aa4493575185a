"""In chat: several jobs in one message, guide and mask pictures, language, private answers, spoilers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None
loses = (
    "of several dreams in one message all but the first, and of every dream its guide, its mask and whether it was "
    "private or a spoiler"
)

Hash = sa.String(64)
KEPT = ("guide", "mask")  # pictures beside the source
COUNTS_UP = {"sqlite_autoincrement": True}  # SQLite makes the table anew


def upgrade() -> None:
    """Bring the schema up."""
    count = _count()
    flag = sa.Boolean(create_constraint=False)
    with op.batch_alter_table("job", table_kwargs=COUNTS_UP) as job:
        job.drop_constraint(op.f("uq_job_interaction_id"), type_="unique")
        job.add_column(sa.Column("place", sa.Integer(), nullable=False, server_default="0"))
        job.add_column(sa.Column("jobs_in_message", sa.Integer(), nullable=False, server_default="1"))
        job.create_unique_constraint("uq_job_interaction_id_place", ["interaction_id", "place"])
        job.add_column(sa.Column("locale", sa.String(16), nullable=False, server_default="en-US"))
        job.add_column(sa.Column("private", flag, nullable=False, server_default=sa.false()))
        job.add_column(sa.Column("spoiler", flag, nullable=False, server_default=sa.false()))
        for picture in KEPT:
            job.add_column(sa.Column(f"{picture}_url", sa.Text()))
            job.add_column(sa.Column(f"{picture}_hash", Hash))
            job.create_foreign_key(op.f(f"fk_job_{picture}_hash"), "blob", [f"{picture}_hash"], ["hash"])
            job.create_index(op.f(f"ix_job_{picture}_hash"), [f"{picture}_hash"])

    _count_on(count)


def downgrade() -> None:
    """Bring the schema back down: of several jobs in one message only the first can be kept."""
    count = _count()
    op.execute("UPDATE job SET parent_id = NULL WHERE parent_id IN (SELECT id FROM job WHERE place > 0)")
    op.execute("DELETE FROM job WHERE place > 0")
    with op.batch_alter_table("job", table_kwargs=COUNTS_UP) as job:
        for picture in KEPT:
            job.drop_index(op.f(f"ix_job_{picture}_hash"))
            job.drop_constraint(op.f(f"fk_job_{picture}_hash"), type_="foreignkey")
            job.drop_column(f"{picture}_hash")
            job.drop_column(f"{picture}_url")
        for column in ("spoiler", "private", "locale"):
            job.drop_column(column)
        job.drop_constraint(op.f("uq_job_interaction_id_place"), type_="unique")
        job.drop_column("jobs_in_message")
        job.drop_column("place")
        job.create_unique_constraint(op.f("uq_job_interaction_id"), ["interaction_id"])
    _count_on(count)


def _count() -> int | None:
    """Return the largest id that SQLite ever gave to a job: one that is gone must not come back."""
    if op.get_bind().dialect.name != "sqlite":
        return None
    found = op.get_bind().scalar(sa.text("SELECT seq FROM sqlite_sequence WHERE name = 'job'"))
    return None if found is None else int(found)


def _count_on(count: int | None) -> None:
    """Let SQLite go on counting from there: of a table that is made anew it knows only the rows."""
    if count is not None:
        row = sa.text("INSERT INTO sqlite_sequence (name, seq) VALUES ('job', :seq)").bindparams(seq=count)
        op.execute("DELETE FROM sqlite_sequence WHERE name = 'job'")
        op.execute(row)
