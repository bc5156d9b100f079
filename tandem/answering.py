"""How commands ask the ledger and answer as JSON; it knows no question."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import typer

from tandem.errors import FAILED
from tandem.options import opened


@contextmanager
def ledger_of(config: Path) -> Iterator[Any]:
    """A connection to a deployment's ledger, for questions only."""
    from tandem.ledger.running import Ledger

    with known(), Ledger(opened(config)).asking() as asked:
        yield asked


@contextmanager
def known() -> Iterator[None]:
    """A name that the ledger does not know ends the command with code 1."""
    from tandem.ledger.queries import Unknown

    try:
        yield
    except Unknown as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(FAILED) from error


def tell(answer: dict[str, Any]) -> None:
    """The one JSON object of `--json`."""
    from pydantic_core import to_json

    typer.echo(to_json(answer).decode())
