"""The galleries: their rules, free of Discord."""

from bot.gallery.moderation import Moderation
from bot.gallery.service import Gallery

__all__ = ["Gallery", "Moderation"]
