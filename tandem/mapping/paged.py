"""Asks for the page about two lists: its options checked, the gate of sharing set up; it draws nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from mappings import sharing
from streams.sharing.gate import Gate
from streams.sharing.policy import terms
from tandem.mapping import report
from tandem.mapping.lists import AccountList
from tandem.mapping.pairs import Pair
from tandem.settings import ConfigError

OURS = "Ours"


@dataclass(frozen=True, slots=True)
class Paged:
    """What `--report` and its fellows ask for. `rows`: the overlaps too, not only figures."""

    path: Path
    rows: bool = True
    ours: str | None = None
    theirs: str | None = None
    sharing: Path | None = None

    def check(self, taken: Sequence[Path]) -> None:
        """Raises `ConfigError` where the page cannot be written there, before any work."""
        path = self.path
        if path.suffix.lower() not in report.ENDINGS:
            raise ConfigError(f"--report {path}: it is a page. Remedy: let its name end with .html")
        if path.exists() and not path.is_file():
            raise ConfigError(f"--report {path}: it is there and no file. Remedy: choose another name")
        if not path.absolute().parent.is_dir():
            raise ConfigError(f"--report {path}: there is no folder {str(path.parent)!r}. Remedy: create it")
        if any(path.absolute() == each.absolute() for each in taken):
            raise ConfigError(f"--report {path}: it is read or written already. Remedy: choose another name")
        if self.sharing is not None and not (self.sharing / "sharing.toml").is_file():
            raise ConfigError(
                f"--sharing {self.sharing}: there is no sharing.toml. Remedy: name the folder that has it"
            )

    def write(self, pairs: Sequence[Pair], lists: tuple[AccountList, AccountList]) -> None:
        """Write the page. Raises `ConfigError` where nothing may leave to this partner, `MappingError`."""
        theirs = self.theirs or lists[1].source.path.stem
        names = report.Names(self.ours or OURS, theirs)
        # A person who asks for the page agrees for us by that, unless sharing.toml has an entry that says otherwise.
        gate = Gate(terms(sharing.load(self.sharing), theirs, asked=True), names.ours)
        report.write(self.path, names, pairs, lists, gate, self.rows, datetime.now(UTC).date())
