"""Fills a portal: owners with names by seed, companies from a CSV; it speaks no HTTP."""

from __future__ import annotations

import csv
import random
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from .catalog import LIFECYCLE
from .errors import HubSpotError
from .portal import USER, Portal, PortalSettings
from .times import to_milli

OWNERS, FIRST_OWNER = 12, 71_000_001
SOURCE_ID = "source_id"
_AGE = timedelta(days=400)
_COLUMNS = {"name": "name", "website": "website", "country": "country", "city": "city", "zipcode": "zip"}
_STAGES = {"lead": 0.3, "marketingqualifiedlead": 0.15, "opportunity": 0.25, "customer": 0.3}
_FIRST = ("Amara", "Beatriz", "Chidi", "Dana", "Elif", "Farid", "Greta", "Hiro", "Ines", "Jonas", "Kavya", "Liam",
          "Mei", "Nadia", "Oskar", "Priya", "Quentin", "Rosa", "Soren", "Tala")  # fmt: skip
_LAST = ("Almeida", "Bauer", "Castillo", "Dubois", "Eriksen", "Fontana", "Garcia", "Haddad", "Ivanova", "Jensen",
         "Kowalski", "Lindgren", "Moreau", "Novak", "Okafor", "Petrov", "Quinn", "Rossi", "Schmidt", "Tanaka")  # fmt: skip


class SeedError(Exception):
    """A file that cannot be loaded; the message names the file, the line, the field and the reason."""


def build(settings: PortalSettings) -> Portal:
    """A portal with its owners and, if the settings name a CSV, its companies. Nothing of it is news to anybody."""
    portal = Portal(settings)
    portal.crm.owners.update(_owners(settings.seed))
    portal.schema.add_property(
        portal.schema.require("companies"),
        {"name": SOURCE_ID, "label": "Source ID", "type": "string", "fieldType": "text", "groupName": "companyinformation"},
    )  # fmt: skip
    if settings.companies is not None:
        load_companies(portal, settings.companies)
    portal.crm.required = settings.required
    portal.index.lag = settings.index_lag
    return portal


def domain_of(website: str) -> str:
    """The host of a website without `www.`; empty for none."""
    host = urlsplit(website if "//" in website else f"//{website}").hostname or ""
    return host.removeprefix("www.")


def load_companies(portal: Portal, path: Path) -> int:
    """Companies from a CSV with id, name, website, country, city and zipcode; returns how many.

    Stage, phone, owner and creation date (within the 400 days before now) follow from the seed.
    """
    type_ = portal.schema.require("companies")
    rng = random.Random(f"{portal.settings.seed}:companies")
    count = 0
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        missing = {"id", *_COLUMNS} - set(reader.fieldnames or ())
        if missing:
            raise SeedError(f"{path}: column {sorted(missing)[0]!r} is missing; needed are id, {', '.join(_COLUMNS)}")
        for row in reader:
            properties = {name: row[column] or "" for column, name in _COLUMNS.items()}
            properties |= {SOURCE_ID: row["id"], "domain": domain_of(row["website"] or "")}
            properties |= _by_seed(rng, portal)
            at = to_milli(portal.clock() - timedelta(seconds=rng.randrange(int(_AGE.total_seconds()))))
            try:
                portal.crm.create(type_, properties, USER, at)
            except HubSpotError as refused:
                raise SeedError(f"{path}, line {reader.line_num}, id {row['id']}: {refused.message}") from refused
            count += 1
    return count


def _by_seed(rng: random.Random, portal: Portal) -> dict[str, str]:
    stage = rng.choices(list(_STAGES), weights=list(_STAGES.values()))[0]
    assert stage in LIFECYCLE
    phone = f"+{rng.randrange(1, 99)} {rng.randrange(100, 999)} {rng.randrange(1000000, 9999999)}"
    return {"lifecyclestage": stage, "phone": phone, "hubspot_owner_id": rng.choice(list(portal.crm.owners))}


def _owners(seed: int) -> dict[str, str]:
    """Ids and mail addresses."""
    rng = random.Random(f"{seed}:owners")
    firsts, lasts = rng.sample(_FIRST, OWNERS), rng.sample(_LAST, OWNERS)
    names = (f"{first}.{last}@tandem.example".lower() for first, last in zip(firsts, lasts, strict=True))
    return {str(FIRST_OWNER + number): name for number, name in enumerate(names)}
