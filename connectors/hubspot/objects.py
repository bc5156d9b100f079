"""What object types a portal has and how a mapping names their values; it reads no records."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from connectors.hubspot.client import Client, Mismatch
from connectors.hubspot.errors import Failure, disposition
from mappings.table import EntityMap

# Object type ids of HubSpot's own objects (developers.hubspot.com, Understanding the CRM).
STANDARD: Mapping[str, str] = {"contacts": "0-1", "companies": "0-2", "deals": "0-3", "leads": "0-136"}
# Contacts have a name of their own for the stamp (developers.hubspot.com, Search the CRM).
STAMPS: Mapping[str, str] = {"contacts": "lastmodifieddate"}
STAMP = "hs_lastmodifieddate"
ASSOCIATION, OWNER, OWNER_ID = "association:", "owner", "hubspot_owner_id"
MERGED_IDS = "hs_merged_object_ids"
ID = "hs_object_id"
# Where a record came from, not who changed it last: the API names no last writer.
SOURCE_ID, CREATED = "hs_object_source_id", ("createdate", "hs_createdate")
# The association type that means "the one" (developers.hubspot.com, Associations: association type ids).
PRIMARY: Mapping[tuple[str, str], int] = {("0-1", "0-2"): 1, ("0-3", "0-2"): 5, ("0-136", "0-1"): 578}


@dataclass(frozen=True, slots=True)
class Fields:
    """The vendor fields of one mapping: properties, associated objects (`association:companies`), the owner."""

    mapped: tuple[str, ...]
    associated: tuple[str, ...]
    owner: bool

    @classmethod
    def of(cls, names: Sequence[str]) -> "Fields":
        """Sort vendor field names by what they are."""
        owner = any(name.split(".")[0] == OWNER for name in names)
        properties = {name for name in names if not name.startswith(ASSOCIATION) and "." not in name}
        associated = sorted(name.removeprefix(ASSOCIATION) for name in names if name.startswith(ASSOCIATION))
        return cls(tuple(sorted(properties)), tuple(associated), owner)

    @property
    def properties(self) -> tuple[str, ...]:
        """What is asked of HubSpot: the mapped properties, and who owns the record where the mapping wants to know."""
        return tuple(sorted({*self.mapped, OWNER_ID})) if self.owner else self.mapped

    @classmethod
    def of_table(cls, table: EntityMap) -> "Fields":
        """What a source asks for."""
        return cls.of(table.vendor_fields)


def stamp_of(object_: str) -> str:
    """The property that holds when a record was changed last."""
    return STAMPS.get(object_, STAMP)


class Objects:
    """Object type ids by the names that mappings use; custom objects are asked for once."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._custom: Mapping[str, str] | None = None

    def type_id(self, name: str) -> str:
        """The object type id; raises `Mismatch` where the portal has no such object."""
        if name in STANDARD:
            return STANDARD[name]
        if name not in self.custom():
            failure = Failure("UNKNOWN_OBJECT_TYPE", f"the portal has no object {name}")
            raise Mismatch(failure, disposition(failure).remedy)
        return self.custom()[name]

    def custom(self) -> Mapping[str, str]:
        """Name to type id of the portal's custom objects."""
        if self._custom is None:
            found = self._client.get(self._client.paths.schemas())["results"]
            self._custom = {each["name"]: each["objectTypeId"] for each in found}
        return self._custom

    def forget(self) -> None:
        """Ask again the next time: an object was created."""
        self._custom = None
