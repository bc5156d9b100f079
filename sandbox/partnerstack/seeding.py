"""Fills an account with partners from a CSV; it speaks no HTTP."""

from __future__ import annotations

import csv
from pathlib import Path

from .account import Account
from .acts import Acts
from .errors import PartnerStackError

COLUMNS = ("partner_key", "name", "email", "group", "tier")
OPTIONAL = ("website", "country", "territories", "segments", "products", "languages", "lead_capacity", "tandem_key")


class SeedError(Exception):
    """A file that cannot be loaded; the message names the file, the line and the reason."""


def load_partners(account: Account, path: Path) -> int:
    """Partners from a CSV with partner_key, name, email, group, tier, and any answers to the form; returns how many."""
    acts, count = Acts(account), 0
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        lost = set(COLUMNS) - set(reader.fieldnames or ())
        if lost:
            raise SeedError(f"{path}: column {sorted(lost)[0]!r} is missing; needed are {', '.join(COLUMNS)}")
        for row in reader:
            form = {name: row[name] for name in OPTIONAL if row.get(name)}
            try:
                acts.partner(
                    row["partner_key"],
                    row["name"],
                    row["email"],
                    row["group"] or "Resellers",
                    row["tier"] or None,
                    form,
                )
            except (PartnerStackError, KeyError) as refused:
                raise SeedError(f"{path}, line {reader.line_num}: {refused}") from refused
            count += 1
    return count
