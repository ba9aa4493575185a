"""A loopback Discord: gateway, REST, CDN, control API and chat page, all in memory. Knows nothing of any bot."""
