"""Watching the bot from outside: metrics, health, and a line in the log for each job's life."""
