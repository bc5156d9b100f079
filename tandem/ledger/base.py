"""What every table of the ledger is made of, and what every fed row has; it names no table."""

from datetime import datetime
from typing import Annotated, Any

from sqlalchemy import BigInteger, MetaData, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from tandem.ledger.types import Json, Utc

CONVENTION = {
    "ix": "%(table_name)s_%(column_0_N_name)s",
    "pk": "%(table_name)s_pkey",
}
Key = Annotated[str, mapped_column(primary_key=True)]
Big = Annotated[int, mapped_column(BigInteger)]


class Base(DeclarativeBase):
    """The root of the models."""

    metadata = MetaData(naming_convention=CONVENTION)
    type_annotation_map = {str: Text, datetime: Utc, dict[str, Any]: Json, list[str]: Json, Any: Json}  # noqa: RUF012


class Fed:
    """A row that comes from one record of a topic: the last one that changed it."""

    position_id: Mapped[int]
    at_offset: Mapped[Big]
