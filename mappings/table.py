"""A mapping table as data: reads a TOML file, refuses what it does not know, converts rows both ways; it never calls anybody."""
