"""Blind mode: two parties' tokens are joined by a hub that holds no key; it never sees a name, a domain or an id."""
