"""Untrusted bytes to clean pictures, in a process without secrets."""
