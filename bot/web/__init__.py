"""The galleries' pages on the web: read only, no cookie, nothing of anybody else's."""
