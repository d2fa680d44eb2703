"""What people get when the migration is done: an invitation to sign in, and a text that says what has changed. Moves nothing."""
