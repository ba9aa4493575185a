"""What is shown in the chat: layouts, persistent buttons, wording."""
