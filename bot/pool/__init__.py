"""Who dreams: one interface, and its implementations."""
