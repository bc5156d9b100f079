"""Reads leads and partners from lists: which column is which is guessed from its name; it routes nothing."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from connectors.errors import BadInput
from mappings.columns import Columns, Wanted, match
from mappings.converters import is_blank
from mappings.errors import ColumnError, nearest
from schemas.entities import Lead
from schemas.messages import HeldCertification, PartnerDecided, identity
from schemas.partners import Partner
from streams.matching.features import country_code
from tandem.mapping.files import Source, opened

Record = TypeVar("Record", bound=BaseModel)
LEAD = {
    "last_name": ("last name", "name", "surname", "family name", "contact", "contact name", "full name"),
    "first_name": ("first name", "given name"),
    "company": ("company", "company name", "account", "account name", "organization", "organisation"),
    "email": ("email", "e-mail", "email address", "mail"),
    "phone": ("phone", "phone number", "telephone"),
    "website": ("website", "web", "url", "domain"),
    "country": ("country", "country code"),
    "state": ("state", "province", "region", "state/province"),
    "city": ("city", "town"),
    "postal_code": ("postal code", "zip", "zip code", "postcode", "plz"),
    "industry": ("industry", "sector"),
    "employees": ("employees", "number of employees", "no of employees", "headcount"),
    "product": ("product", "product interest", "interest"),
    "language": ("language", "locale"),
    "amount": ("amount", "value", "estimated value", "budget"),
    "currency": ("currency", "currency code"),
    "source": ("source", "lead source"),
    "status": ("status", "lead status"),
    "partner": ("partner", "partner key", "referred by"),
    "no_partner": ("no partner", "direct only"),
    "created_at": ("created at", "created", "created date", "create date"),
}
PARTNER = {
    "name": ("name", "partner", "partner name", "company"),
    "key": ("key", "partner key", "id"),
    "status": ("status",),
    "types": ("types", "type", "partner type"),
    "tier": ("tier", "level"),
    "country": ("country", "country code"),
    "territories": ("territories", "territory", "regions", "countries"),
    "segments": ("segments", "segment"),
    "products": ("products", "product"),
    "languages": ("languages", "language"),
    "capacity": ("capacity", "max leads"),
    "weight": ("weight", "share"),
    "no_leads": ("no leads",),
}
CERTIFIED = "certifications"  # beside them: "fleet 2; arm 1", product and level
REQUIRED = {"last_name", "company", "name"}
MANY = {"types", "territories", "segments", "products", "languages"}


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that cannot be used."""

    file: str
    row: int
    reason: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Read:
    """The usable rows of a list by number, the others, and which column was taken for which field."""

    rows: Mapping[int, Any]
    refused: tuple[Refused, ...]
    columns: Mapping[str, str]


def leads(path: Path) -> Read:
    """A list of leads. Raises `BadInput`, `ConfigError`."""
    return _read(path, LEAD, lambda _, cells: Lead.model_validate(cells))


def partners(path: Path, tiers: tuple[str, ...], at: datetime) -> Read:
    """A list of partners, each as it would be told; people's certifications as a column of products with levels."""
    wanted = {**PARTNER, CERTIFIED: (CERTIFIED, "certification", "certified for")}
    return _read(path, wanted, lambda number, cells: _partner(number, dict(cells), tiers, at))


def _partner(number: int, cells: dict[str, Any], tiers: tuple[str, ...], at: datetime) -> PartnerDecided:
    held = [each.split() for each in str(cells.pop(CERTIFIED, "")).replace(",", ";").split(";") if each.strip()]
    it = Partner.model_validate(cells)
    tier = it.tier.strip().casefold() if it.tier else None
    if tier is not None and tier not in tiers:
        raise ValueError(f"no tier is called {it.tier!r}: {nearest(tier, tiers)}")
    key = it.key or "-".join(it.name.casefold().split())
    certified = [_certification(words, f"{key}-{nth}") for nth, words in enumerate(held)]
    shared = it.model_dump(
        include={"name", "status", "types", "territories", "segments", "products", "languages", "capacity"}
    )
    return PartnerDecided(
        id=identity("list", key, str(number)),
        partner=key,
        refs=(),
        country=country_code(it.country or "") or None,
        weight=1 if it.weight is None else it.weight,
        no_leads=bool(it.no_leads),
        tier=tier,
        tier_rank=0 if tier is None else tiers.index(tier) + 1,
        certifications=tuple(HeldCertification.model_validate(each) for each in certified),
        decided_at=at,
        **shared,
    )


def _certification(words: list[str], who: str) -> dict[str, Any]:
    product, level = (words[0], words[1]) if len(words) > 1 else (words[0], "1")
    if not level.isdigit() or int(level) < 1:
        raise ValueError(f"{level!r} is no level; write a certification as product and level: fleet 2")
    return {"email": who, "program": product, "product": product, "level": int(level)}


def _read(path: Path, fields: Mapping[str, tuple[str, ...]], make: Any) -> Read:
    sheet = opened(Source(path))
    columns = _columns(path, fields, sheet.columns)
    rows: dict[int, Any] = {}
    refused: list[Refused] = []
    for row in sheet.rows(tuple(columns.used.values())):
        if row.fault is not None:
            refused.append(Refused(str(path), row.number, row.fault.reason, row.fault.remedy))
            continue
        try:
            rows[row.number] = make(row.number, dict(_cells(columns, row.cells)))
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            name = str(first["loc"][0]) if first["loc"] else ""
            column = columns.used.get(name, name)
            refused.append(Refused(str(path), row.number, f"{column!r}: {first['msg']}.", f"correct {column!r}"))
        except ValueError as error:
            refused.append(Refused(str(path), row.number, f"{error}.", "correct the row"))
    if not rows:
        why = f" Row {refused[0].row}: {refused[0].reason}" if refused else ""
        raise BadInput(
            f"no row of {path} can be used.{why}", refused[0].remedy if refused else "put rows below the columns"
        )
    return Read(rows, tuple(refused), columns.used)


def _columns(path: Path, fields: Mapping[str, tuple[str, ...]], found: tuple[str, ...]) -> Columns:
    wanted = [
        Wanted(name, spellings[0], (name, *spellings[1:]), name in REQUIRED) for name, spellings in fields.items()
    ]
    try:
        columns = match(wanted, found, {})
    except ColumnError as error:
        raise BadInput(f"{path}: {error.reason}", "give the columns different names") from error
    if columns.lacking:
        listed = ", ".join(map(repr, found))
        name = fields[columns.lacking[0]][0]
        raise BadInput(f"{path} has no column for {name!r}; its columns are {listed}.", f"call one of them {name!r}")
    return columns


def _cells(columns: Columns, cells: Mapping[str, object]) -> Iterator[tuple[str, Any]]:
    for name, column in columns.used.items():
        value = cells.get(column)
        if is_blank(value):
            continue
        text = str(value).strip()
        if name in MANY:
            yield name, tuple(each.strip() for each in text.replace(",", ";").split(";") if each.strip())
        elif name in {"employees", "capacity", "weight"}:
            yield name, text.replace(",", "").replace(" ", "")
        else:
            yield name, text.lower() if name == "status" else text
