"""The database's schema, revision by revision. Run by ``bot.store.upgrade``."""
