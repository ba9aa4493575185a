"""The rules of presets, free of Discord."""

from bot.preset import Owner, Preset, Viewer
from bot.presets.service import Presets

__all__ = ["Owner", "Preset", "Presets", "Viewer"]
