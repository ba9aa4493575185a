"""Reports to whoever runs the bot: the form of who reports, and what the operator decides by."""
