"""What whoever runs the bot has settled, in the database."""
