"""The galleries' tables and queries, one file a subject. Every question says who looks: a ``Visitor``."""
