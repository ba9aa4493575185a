"""What is held on a person: shown, exported, forgotten. Free of Discord."""

from bot.privacy.service import Privacy

__all__ = ["Privacy"]
