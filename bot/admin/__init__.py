"""What whoever runs the bot has settled, heeded by a process that is running."""

from bot.admin.service import Admin, Heard

__all__ = ["Admin", "Heard"]
