"""What botocore's own model of Partner Central says of a member: its kind, its words, its length; it calls nobody.

botocore checks none of it but required members and types, so Tandem does, with errors that name the deal's field.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from botocore.model import ServiceModel
from botocore.session import Session

SERVICE = "partnercentral-selling"
SEPARATOR = "/"  # between the steps of a path that can be written
_LENGTH = re.compile(r"\(\?s\)\.\{(\d+),(\d+)\}")  # how the model writes a text's least and greatest length


@dataclass(frozen=True, slots=True)
class Member:
    """One member of an opportunity. `words` are all that it may hold; lengths are characters, none where unknown."""

    many: bool
    words: frozenset[str]
    least: int | None = None
    most: int | None = None


@lru_cache(maxsize=1)
def service() -> ServiceModel:
    """The model that is installed."""
    return Session().get_service_model(SERVICE)


@lru_cache(maxsize=4)
def accepted(operation: str) -> frozenset[str]:
    """The members that an operation takes."""
    shape: Any = service().operation_model(operation).input_shape
    return frozenset(shape.members)


@lru_cache(maxsize=256)
def member(path: str) -> Member | None:
    """The member at a path of an opportunity as it is read, as `Project/Title`; None where there is none."""
    shape: Any = service().operation_model("GetOpportunity").output_shape
    for step in path.split(SEPARATOR):
        while shape.type_name == "list":
            shape = shape.member
        if shape.type_name != "structure" or step not in shape.members:
            return None
        shape = shape.members[step]
    many = shape.type_name == "list"
    shape = shape.member if many else shape
    length = _LENGTH.fullmatch(str(shape.metadata.get("pattern", "")))
    least, most = (int(length[1]), int(length[2])) if length else (None, None)
    return Member(many, frozenset(getattr(shape, "enum", ()) or ()), least, most)
