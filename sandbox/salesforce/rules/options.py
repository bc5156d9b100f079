"""What the headers of one call say about how its rows are saved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SaveOptions:
    """`version` only words the URLs of matched records."""

    allow_save: bool = False
    record_details: bool = False
    auto_assign: bool = True
    version: str = "v59.0"


def read(headers: Mapping[str, str], version: str) -> SaveOptions:
    """From `Sforce-Duplicate-Rule-Header: allowSave=true; includeRecordDetails=true` and `Sforce-Auto-Assign`."""
    said: dict[str, bool] = {}
    for part in headers.get("Sforce-Duplicate-Rule-Header", "").replace(",", ";").split(";"):
        name, _, value = part.partition("=")
        said[name.strip().lower()] = value.strip().lower() == "true"
    assign = headers.get("Sforce-Auto-Assign", "TRUE").strip().lower() != "false"
    return SaveOptions(said.get("allowsave", False), said.get("includerecorddetails", False), assign, version)
