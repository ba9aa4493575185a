"""What Alembic runs: the revisions, on the connection that ``bot.store.upgrade`` hands in."""

from alembic import context

from bot.store.tables import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,  # SQLite alters a table by making it anew
    compare_type=True,
    # SQLite can, though Alembic does not count on it: a kill in mid-upgrade leaves the old schema.
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
