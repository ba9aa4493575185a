"""The galleries in the chat: what is shown, and its buttons."""
