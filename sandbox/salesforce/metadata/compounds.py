"""Which fields are parts of a compound one: a person's name, an address; it knows no values."""

from __future__ import annotations

from .model import FieldDef, ObjectDef

PERSON = ("Salutation", "FirstName", "LastName", "MiddleName", "InformalName", "Suffix")
ADDRESS = ("Street", "City", "State", "PostalCode", "Country", "StateCode", "CountryCode", "Latitude", "Longitude",
           "Xyz", "GeocodeAccuracy")  # fmt: skip


def compound_of(sobject: ObjectDef, one: FieldDef) -> tuple[str, str] | None:
    """(compound field, part in it) of a standard field: ("BillingAddress", "City") for BillingCity."""
    if one.custom:
        return None
    if has_person(sobject) and one.name in PERSON:
        return "Name", one.name
    for part in ADDRESS[:5]:
        prefix = one.name.removesuffix(part)
        if prefix != one.name and sobject.has(f"{prefix}Street") and sobject.has(f"{prefix}PostalCode"):
            return f"{prefix}Address", part
    return None


def has_person(sobject: ObjectDef) -> bool:
    return sobject.has("FirstName") and sobject.has("LastName")
