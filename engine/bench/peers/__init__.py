"""What other dreaming libraries need for the same work, each in an environment and a process of its own."""
