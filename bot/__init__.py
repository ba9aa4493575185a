"""The service: a Discord bot that dreams. Importing it does nothing."""
