"""Decides which of our accounts and which of a partner's accounts are one company; never reads or writes a topic."""
