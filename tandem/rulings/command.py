"""`tandem rule`: what people tell the reconciliation; each ruling is an event, so that a replay knows it."""

import getpass
from pathlib import Path
from typing import Annotated

import typer

from schemas.messages import Ruling
from tandem.errors import told
from tandem.options import DEFAULT, Config, Json, Name, opened

rule = typer.Typer(
    no_args_is_help=True,
    help="Tell the reconciliation what only a person can know.\n\n"
    "`tandem conflicts list` shows what waits for a ruling. Records are named connection/entity/id.",
)
Record = Annotated[str, typer.Argument(help="A record, as connection/entity/id.", show_default=False)]
By = Annotated[str, typer.Option("--by", help="Who says so.", show_default="the user of this machine")]


@rule.command()
def link(one: Record, other: Record, config: Config = DEFAULT, by: By = "", as_json: Json = False) -> None:
    """Two records are the same thing: link them, whatever they look like."""
    _give(config, Ruling.LINK, (one, other), None, by, as_json)


@rule.command()
def unlink(one: Record, other: Record, config: Config = DEFAULT, by: By = "", as_json: Json = False) -> None:
    """Two records are not the same thing: part them, and never link them again."""
    _give(config, Ruling.UNLINK, (one, other), None, by, as_json)


@rule.command("confirm-deletions")
def confirm_deletions(connection: Name, config: Config = DEFAULT, by: By = "", as_json: Json = False) -> None:
    """The many deletions in a system are meant: do what the policy says with their counterparts."""
    _give(config, Ruling.CONFIRM_DELETIONS, (), connection, by, as_json)


@rule.command("discard-deletions")
def discard_deletions(connection: Name, config: Config = DEFAULT, by: By = "", as_json: Json = False) -> None:
    """The many deletions in a system are a mistake: leave their counterparts alone."""
    _give(config, Ruling.DISCARD_DELETIONS, (), connection, by, as_json)


def _give(config: Path, ruling: Ruling, refs: tuple[str, ...], connection: str | None, by: str, as_json: bool) -> None:
    from tandem.compose import now
    from tandem.rulings.give import alike, of_reconciliation, publish, ruled

    with told(f"tandem rule {ruling.replace('_', '-')}"):
        deployment = opened(config)
        order = of_reconciliation(deployment.settings.reconcile)
        given = ruled(order, ruling, refs, by=by or getpass.getuser(), at=now(), connection=connection)
        alike(refs)
        publish(deployment, order, given)
        typer.echo(given.model_dump_json() if as_json else f"{given.ruling}: told to the reconciliation as {given.id}")
