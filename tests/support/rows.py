"""The committed rows of one key, and decisions over them, for what lanes share."""

from collections.abc import Mapping
from datetime import UTC, datetime

from pydantic import BaseModel

from streams.book import Pages

START = datetime(2026, 11, 22, 12, tzinfo=UTC)


class Rows:
    """The committed rows of one key."""

    def __init__(self) -> None:
        self.rows: dict[str, BaseModel] = {}

    def get(self, name: str) -> BaseModel | None:
        return self.rows.get(name)

    def scan(self, prefix: str, limit: int) -> Mapping[str, BaseModel]:
        return {name: self.rows[name] for name in sorted(self.rows) if name.startswith(prefix)}

    def book(self, at: datetime = START) -> "Pages[BaseModel]":
        return Pages(self, "cause", at)

    def keep(self, book: "Pages[BaseModel]") -> None:
        for name, row in book.decision().rows.items():
            if row is None:
                self.rows.pop(name, None)
            else:
                self.rows[name] = row
