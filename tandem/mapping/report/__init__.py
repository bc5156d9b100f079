"""The page about two lists that one can send to the partner: one file, no script, nothing from the network.

Whatever it says of our accounts has passed the gate of sharing; of the partner's list it shows the overlaps only. It
holds no number of ours that the partner could not count itself: how many accounts we have is not on it.
"""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from streams.sharing.gate import Gate
from tandem.mapping.lists import AccountList
from tandem.mapping.pairs import Pair
from tandem.mapping.report.contents import Contents, Names, contents
from tandem.mapping.report.page import page
from tandem.mapping.writing import renamed
from tandem.settings import ConfigError

__all__ = ["Contents", "Names", "write"]

ENDINGS = (".html", ".htm")


def write(
    path: Path,
    names: Names,
    pairs: Sequence[Pair],
    lists: tuple[AccountList, AccountList],
    gate: Gate,
    rows: bool,
    on: date,
) -> int:
    """Write the page; `rows`: with the accounts, else with figures only. Returns how many overlaps stand on it.

    Raises `ConfigError` where nothing may leave to this partner, or the file cannot be written.
    """
    if not gate.open:
        raise ConfigError(
            f"nothing is shared with {names.theirs}: {gate.closed_by}. Remedy: agree in sharing.toml, or give no --report"
        )
    found = contents(names, pairs, lists, gate, rows, on)
    try:
        with renamed(path) as beside:
            beside.write_text(page(found), encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{path} cannot be written: {error.strerror}. Remedy: choose another file") from error
    return found.sides.ours
