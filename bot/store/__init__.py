"""The database: tables, queries, schema. Rows stay inside."""
