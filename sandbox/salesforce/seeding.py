"""Fills an org: owners by seed, accounts from a CSV, records from JSON lines; it bends no rule of a row."""

from __future__ import annotations

import csv
import random
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson

from . import rows
from .errors import SalesforceError
from .metadata.model import ObjectDef, Row
from .org import Org, Settings
from .times import to_second

OWNERS = 12
POPULATION_FIELD, SOURCE_ID_FIELD = "Partner_Population__c", "Source_Id__c"
POPULATIONS = {"Customer": 0.35, "Open Opportunity": 0.25, "Prospect": 0.4}
_AGE = timedelta(days=400)
_CSV_FIELDS = {
    "name": "Name",
    "website": "Website",
    "country": "BillingCountry",
    "city": "BillingCity",
    "zipcode": "BillingPostalCode",
}
_FIRST = [
    "Amara",
    "Beatriz",
    "Chidi",
    "Dana",
    "Elif",
    "Farid",
    "Greta",
    "Hiro",
    "Ines",
    "Jonas",
    "Kavya",
    "Liam",
    "Mei",
    "Nadia",
    "Oskar",
    "Priya",
    "Quentin",
    "Rosa",
    "Soren",
    "Tala",
    "Uma",
    "Viktor",
    "Wanda",
    "Yusuf",
]
_LAST = [
    "Almeida",
    "Bauer",
    "Castillo",
    "Dubois",
    "Eriksen",
    "Fontana",
    "Garcia",
    "Haddad",
    "Ivanova",
    "Jensen",
    "Kowalski",
    "Lindgren",
    "Moreau",
    "Novak",
    "Okafor",
    "Petrov",
    "Quinn",
    "Rossi",
    "Schmidt",
    "Tanaka",
    "Usman",
    "Varga",
    "Weber",
    "Yilmaz",
]


class SeedError(Exception):
    """A file that cannot be loaded; the message names the file, the line, the field and the reason."""


def build(settings: Settings) -> Org:
    """An org with its users and, if the settings name them, its accounts and records."""
    org = Org(settings)
    owners = add_owners(org)
    if settings.accounts is not None:
        load_accounts(org, settings.accounts, owners)
    if settings.data is not None:
        with settings.data.open("rb") as lines:
            load_lines(org, lines, None, str(settings.data))
    org.changes.forget()
    return org


def add_owners(org: Org) -> list[str]:
    """Twelve users with names by seed; returns their ids."""
    rng = random.Random(f"{org.settings.seed}:owners")
    firsts, lasts = rng.sample(_FIRST, OWNERS), rng.sample(_LAST, OWNERS)
    return [
        org.add_user(f"{first}.{last}@tandem.example".lower(), first, last)
        for first, last in zip(firsts, lasts, strict=True)
    ]


def load_accounts(org: Org, path: Path, owners: list[str]) -> int:
    """Accounts from a CSV with id, name, website, country, city and zipcode; returns how many.

    Creation dates are spread by seed over the 400 days before now. The population and the source id are kept
    where the org has Partner_Population__c and Source_Id__c.
    """
    account = org.schema.require("Account")
    rng = random.Random(f"{org.settings.seed}:accounts")
    now = to_second(org.clock())
    count = 0
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        missing = {"id", *_CSV_FIELDS} - set(reader.fieldnames or ())
        if missing:
            raise SeedError(
                f"{path}: column {sorted(missing)[0]!r} is missing; needed are id, {', '.join(_CSV_FIELDS)}"
            )
        for record in reader:
            body = {name: record[column] or None for column, name in _CSV_FIELDS.items()}
            extra = {"OwnerId": rng.choice(owners), SOURCE_ID_FIELD: record["id"], POPULATION_FIELD: _population(rng)}
            body.update({name: value for name, value in extra.items() if account.has(name)})
            at = now - timedelta(seconds=rng.randrange(int(_AGE.total_seconds())))
            dates: Row = {"CreatedDate": at, "LastModifiedDate": at, "SystemModstamp": at}
            _insert(org, account, body, f"{path}, line {reader.line_num}, id {record['id']}", dates)
            count += 1
    return count


def load_lines(org: Org, lines: Iterable[bytes], sobject: str | None, source: str) -> list[str]:
    """Records from JSON lines; returns the new ids, in order.

    A line is `{"attributes": {"type": "Account"}, "Name": ...}`; the attributes may be left out where `sobject`
    is given. A record without OwnerId or Owner gets an owner by seed. All or nothing.
    """
    owners = [str(row["Id"]) for row in org.store.rows("User") if row["Id"] not in (org.admin_id, org.integration_id)]
    created: list[str] = []
    with org.store.savepoint():
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            where = f"{source}, line {number}"
            body = _record(line, where)
            name = (body.get("attributes") or {}).get("type", sobject)
            definition = org.schema.get(str(name))
            if definition is None:
                raise SeedError(f"{where}: {name!r} is not an object of this org; name one in attributes.type")
            if definition.has("OwnerId") and not {"OwnerId", "Owner"} & set(body):
                body["OwnerId"] = org.random.choice(owners)
            created.append(_insert(org, definition, body, where, {}))
    return created


def _record(line: bytes, where: str) -> dict[str, Any]:
    try:
        body = orjson.loads(line)
    except orjson.JSONDecodeError as broken:
        raise SeedError(f"{where}: not a JSON object ({broken})") from broken
    if not isinstance(body, dict):
        raise SeedError(f"{where}: not a JSON object but {type(body).__name__}")
    return body


def _insert(org: Org, sobject: ObjectDef, body: dict[str, Any], where: str, dates: Row) -> str:
    try:
        given = rows.read_body(org.store, sobject, body, "create")
        return org.dml.insert(sobject, {**given, **dates}, org.admin_id)
    except SalesforceError as refused:
        raise SeedError(f"{where}: {refused.message} ({refused.code})") from refused


def _population(rng: random.Random) -> str:
    return rng.choices(list(POPULATIONS), weights=list(POPULATIONS.values()))[0]
