"""``python -m bot.bench``: the service's own speed, and how well it knows it."""
