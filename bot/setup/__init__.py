"""Setting the bot up: its settings file, its invite link, a doctor, backups."""
