"""Presets as they are shown: lists, one of them, forms and buttons."""
