"""Processes that the bot starts: how they are begun, spoken with and ended. Light: no torch, no discord, no SQL."""
