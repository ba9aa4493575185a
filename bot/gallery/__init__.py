"""The galleries: their rules, free of Discord."""

from bot.gallery.service import Gallery

__all__ = ["Gallery"]
