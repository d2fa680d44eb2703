"""What came of a migration, for people and for programs. Reads rows; changes none."""
