"""A partner's list in a folder."""

import csv
import io
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from connectors import partner_list
from connectors.base import Source
from connectors.errors import NeedsConfirmation
from mappings.loader import load

START = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)


class PartnerListAccounts:
    """A `SourceWorld`: a partner writes the whole list anew at each of a user's edits."""

    table = load("partner_list")["account"]

    def __init__(self, path: Path) -> None:
        self._path, self._now, self._created = path, START, 0
        self._rows: dict[str, str] = {}
        self._write()

    def _write(self) -> None:
        self.wait(1)
        text = io.StringIO()
        csv.writer(text).writerows([("id", "name"), *self._rows.items()])
        self._path.write_text(text.getvalue(), encoding="utf-8")
        os.utime(self._path, (self._now.timestamp(), self._now.timestamp()))

    def _source(self, **settings: Any) -> Source:
        return partner_list.source(partner_list.Settings(path=str(self._path), **settings), lambda: self._now, "acme")

    def restart(self) -> Source:
        return self._source()

    def confirm(self, question: NeedsConfirmation) -> Source:
        said = re.search(r"`tandem source acme --confirm-removals (\d+)`", question.remedy)
        assert said is not None
        return self._source(confirm_removals=int(said[1]))

    def create(self, name: str) -> str:
        self._created += 1
        self._rows[f"b{self._created}"] = name
        self._write()
        return f"b{self._created}"

    def edit(self, record_id: str, name: str) -> None:
        self._rows[record_id] = name
        self._write()

    def delete(self, record_id: str) -> None:
        del self._rows[record_id]
        self._write()

    def wait(self, seconds: int) -> None:
        self._now += timedelta(seconds=seconds)

    def state(self) -> Mapping[str, str]:
        return dict(self._rows)

    def reset(self) -> None:
        self._rows.clear()
        self._write()


@contextmanager
def in_folder() -> Iterator[PartnerListAccounts]:
    with TemporaryDirectory() as folder:
        yield PartnerListAccounts(Path(folder) / "accounts.csv")
