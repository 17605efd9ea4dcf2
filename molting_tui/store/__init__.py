"""The only SQL: one database file, opened by `connection.Store`, a module for each subject."""
