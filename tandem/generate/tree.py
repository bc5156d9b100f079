"""Compares generated files with those of a source tree and writes what differs; it never touches another file."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tandem.settings import ConfigError


@dataclass(frozen=True)
class Tree:
    """A source tree and what it should hold: path from the root to text.

    In a folder of `owned` (folder to ending) every file of that ending is generated: another one is left over.
    """

    root: Path
    files: Mapping[str, str]
    owned: Mapping[str, str]

    def __post_init__(self) -> None:
        if not (self.root / "pyproject.toml").is_file():
            raise ConfigError(f"{self.root} is no source tree of Tandem. Remedy: run it from a clone, not a wheel.")

    def stale(self) -> list[str]:
        """The files that are missing, different or left over, by path."""
        wrong = {name for name, text in self.files.items() if self._read(name) != text}
        return sorted(wrong | set(self._left_over()))

    def write(self) -> None:
        """Make the tree agree."""
        for name in self._left_over():
            (self.root / name).unlink()
        for name, text in self.files.items():
            if self._read(name) != text:
                path = self.root / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8", newline="\n")

    def _read(self, name: str) -> str | None:
        path = self.root / name
        return path.read_text(encoding="utf-8") if path.is_file() else None

    def _left_over(self) -> list[str]:
        there = (path for folder, ending in self.owned.items() for path in (self.root / folder).glob(f"*{ending}"))
        names = (path.relative_to(self.root).as_posix() for path in there)
        return [name for name in names if name not in self.files]
