"""A Skilljar organization in memory, on its two APIs; for development and tests only."""
