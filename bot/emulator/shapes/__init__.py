"""How everything looks in JSON, as Discord's API v10 sends it."""
