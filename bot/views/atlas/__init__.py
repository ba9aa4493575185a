"""The engine's atlas in the chat: /atlas with its pages, and channels among what is suggested for /dream."""
