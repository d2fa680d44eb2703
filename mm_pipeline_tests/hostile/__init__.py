"""Input that was made to break something, as a table: one module per class, each line with what comes of it."""
