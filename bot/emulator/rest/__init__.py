"""Discord's REST API, version 10: the routes that a bot with commands and messages uses."""
