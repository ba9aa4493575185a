"""Films: what a job's film is asked to be."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None
loses = "what films were asked for: a zoom that waits is dreamed as a picture, a moving picture is refused"


def upgrade() -> None:
    """Bring the schema up."""
    op.add_column("job", sa.Column("film", sa.Text(), nullable=True))


def downgrade() -> None:
    """Bring the schema back down: what waits as a zoom is dreamed as a picture, of a moving picture it is refused."""
    op.drop_column("job", "film")
