"""A Moodle site in memory, on its web services wire; for development and tests only."""
