"""What moderators see of a gallery, and decide."""
