"""Dry run and deliberate run: what the waiting writes of a connection would change, and doing exactly that."""
