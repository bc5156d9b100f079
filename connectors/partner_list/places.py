"""Where a list lies: finds the newest, says whether it is still the one that was read, and never looks inside."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from fnmatch import fnmatch
from pathlib import Path
from typing import Protocol

from connectors.errors import BadInput


@dataclass(frozen=True, slots=True)
class Listing:
    """One version of the list, readable at `path`. `fingerprint` differs whenever the list does; `modified` is in UTC.

    `settled` is asked after reading: False means that the file was being written meanwhile.
    """

    name: str
    path: Path
    fingerprint: str
    modified: datetime
    settled: Callable[[], bool] = field(default=lambda: True)


class Place(Protocol):
    """Where the list comes from."""

    def newest(self, known: str | None) -> AbstractContextManager[Listing | None]:
        """The newest version; None if its fingerprint is `known`. Raises the errors of `connectors.errors`."""


@dataclass(frozen=True, slots=True)
class Disk:
    """A file, or the newest file of a folder."""

    path: Path
    pattern: str = "*"

    @contextmanager
    def newest(self, known: str | None) -> Iterator[Listing | None]:
        """The file as it lies there; it is not copied."""
        try:
            path = self._newest_of_folder() if self.path.is_dir() else self.path
            seen = _fingerprint(path)
            modified = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        except OSError as error:
            remedy = "correct `path` in the settings, or let the file be read"
            raise BadInput(f"{self.path} cannot be read: {error.strerror}.", remedy) from error
        if seen == known:
            yield None
        else:
            yield Listing(path.name, path, seen, modified, lambda: _fingerprint(path) == seen)

    def _newest_of_folder(self) -> Path:
        files = [each for each in self.path.iterdir() if each.is_file() and is_list(each.name, self.pattern)]
        if not files:
            raise BadInput(f"no file of {self.path} fits {self.pattern!r}.", "put the list there, or correct `pattern`")
        return max(files, key=lambda each: (each.stat().st_mtime_ns, each.name))


def _fingerprint(path: Path) -> str:
    stat = path.stat()
    return f"{path.name}|{stat.st_mtime_ns}|{stat.st_size}"


def is_list(name: str, pattern: str) -> bool:
    """Whether a file of a folder is a list: it fits the pattern and is not hidden."""
    return fnmatch(name, pattern) and not name.startswith(".")
