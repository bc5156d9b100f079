"""Does what `tandem whitespace` asks for: reads lists or the ledger, judges, writes, tells; the options are read elsewhere."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer

from mappings.icp import Icp
from mappings.loader import load
from schemas.entities import Account
from streams.ecosystem.preview import preview
from streams.ecosystem.whitespace import White, white
from streams.sharing.gate import Gate
from tandem.mapping.files import Source
from tandem.mapping.lists import AccountList, read
from tandem.mapping.show import console
from tandem.mapping.writing import Target, target, write
from tandem.settings import ConfigError
from tandem.whitespace import records, show
from tandem.whitespace.finding import held

OUR_SIDE, THEIR_SIDE = "ours", "partner"


@dataclass(frozen=True, slots=True)
class Wanted:
    """How the result is told. `top`: so many rows are shown to a person; a file and JSON have all."""

    out: str | None
    top: int
    as_json: bool


def of_lists(ours: Path, partner: Path, icp: Icp, gate: Gate, wanted: Wanted) -> None:
    """White space of two lists. Raises `ConfigError`, `BadInput`."""
    if ours.exists() and partner.exists() and ours.samefile(partner):
        raise ConfigError(f"{ours} is given twice. Remedy: name our list first and the partner's second")
    where = _target(wanted, [ours, partner])
    mine, theirs = _read(ours, OUR_SIDE), _read(partner, THEIR_SIDE)
    found = white(theirs.accounts.items(), held(mine.accounts, theirs.accounts), icp, gate)
    tell(found, icp, gate, wanted, where)


def previewed(accounts: Mapping[str, Account], now: Icp, new: Icp, wanted: Wanted) -> None:
    """What a new profile would change."""
    found = preview(accounts.items(), now, new, wanted.top)
    if wanted.as_json:
        _say(records.of_preview(found, now, new))
    else:
        show.preview(console(stderr=False), found, now, new)


def accounts_of(path: Path) -> Mapping[str, Account]:
    """The accounts of a list. Raises `ConfigError`, `BadInput`."""
    return _read(path, OUR_SIDE).accounts


def tell(found: White, icp: Icp, gate: Gate, wanted: Wanted, where: Target | None = None) -> None:
    """Write the rows and show the figures."""
    where = where or _target(wanted, [])
    if where is not None:
        write(where, records.WHITE, records.rows(found))
    if wanted.as_json:
        _say(records.of_white(found, icp, gate))
    else:
        to = console(stderr=where is not None and where.path is None)
        show.white(to, found, icp, gate, wanted.top)
        if where is not None and where.path is not None:
            to.print(f"{len(found.rows):,} rows are written to {where.path}")


def _target(wanted: Wanted, taken: list[Path]) -> Target | None:
    found = None if wanted.out is None else target(wanted.out, "--out", taken)
    if found is not None and found.path is None and wanted.as_json:
        raise ConfigError("only one can go to stdout: --out - or --json. Remedy: give --out a file")
    return found


def _read(path: Path, side: str) -> AccountList:
    found = read(Source(path, side), load("partner_list")["account"])
    if found.refused:
        told = f"{path}: {len(found.refused):,} of {found.rows:,} rows cannot be used; `tandem map` says why"
        console(stderr=True).print(told)
    return found


def _say(figures: Mapping[str, Any]) -> None:
    typer.echo(json.dumps(figures, ensure_ascii=False))
