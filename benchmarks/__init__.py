"""Figures that the documentation quotes: each benchmark prints a table, or one JSON object with --json."""
