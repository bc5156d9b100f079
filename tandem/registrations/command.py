"""`tandem registrations`: what each command about deal registrations takes and says; asking and telling are done beside it."""

import getpass
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Optional

import typer

from schemas.messages import Ruling
from schemas.partners import RegistrationStatus
from tandem.answering import known, ledger_of, tell
from tandem.errors import told
from tandem.options import DEFAULT, Config, Json, opened

registrations = typer.Typer(
    no_args_is_help=True,
    help="Follow the deals that partners register, and tell what only a person can: approve, reject, return, extend.\n\n"
    "A registration is named by its id in any of its systems, by the id of its deal, or as connection/registration/id. "
    "Who may approve is in `engagement.toml`; a ruling of anybody else is answered on the registration and changes nothing. "
    "What you rule is an event: it is kept with your name, shown by `tandem trace`, and holds after a rebuild.",
)
STATUSES = [each.value for each in RegistrationStatus]
Name = Annotated[str, typer.Argument(help="The registration, by an id or its whole name.", show_default=False)]
By = Annotated[
    str,
    typer.Option("--by", help="Who says so: the mail address in the rules.", show_default="the user of this machine"),
]
Note = Annotated[str, typer.Option("--note", help="Why; the partner may read it.", show_default=False)]


@registrations.command("list")
def list_registrations(
    config: Config = DEFAULT,
    status: Annotated[
        Optional[list[str]],
        typer.Option(help=f"Only those; may be given several times. One of {', '.join(STATUSES)}."),
    ] = None,
    partner: Annotated[Optional[str], typer.Option(help="Only those of this partner, by its key.")] = None,
    waiting: Annotated[bool, typer.Option("--waiting", help="Only those that wait for approval.")] = False,
    every: Annotated[bool, typer.Option("--all", help="Also those that are over.")] = False,
    as_json: Json = False,
) -> None:
    """List the registrations that are not over, those that wait for a person first."""
    from tandem.ledger import registrations as ledger
    from tandem.registrations import show

    if wrong := [each for each in status or [] if each not in STATUSES]:
        raise typer.BadParameter(f"no status is called {wrong[0]!r}; there are {', '.join(STATUSES)}")
    wanted = [*(status or []), *([ledger.IN_REVIEW] if waiting else [])]
    with told("tandem registrations"), ledger_of(config) as asked:
        found = ledger.standing(asked, wanted, partner=partner, every=every)
    filtered = bool(wanted or partner or every)
    tell({"registrations": [asdict(it) for it in found]}) if as_json else show.registrations(found, filtered)


@registrations.command("show")
def show_registration(name: Name, config: Config = DEFAULT, as_json: Json = False) -> None:
    """Show one registration: where it stands and why, who decides, what it protects and earns, what has happened.

    Exit code 1 when nothing is known of it.
    """
    from tandem.ledger import registrations as ledger
    from tandem.registrations import show

    with told("tandem registrations"), ledger_of(config) as asked:
        found = ledger.shown(asked, name)
    tell(asdict(found)) if as_json else show.one(found)


@registrations.command()
def approve(name: Name, config: Config = DEFAULT, note: Note = "", by: By = "", as_json: Json = False) -> None:
    """Approve a registration at the level that has to decide now."""
    _rule(config, Ruling.APPROVE_REGISTRATION, name, by, as_json, note=note)


@registrations.command()
def reject(
    name: Name,
    note: Annotated[str, typer.Option("--note", help="Why; the partner reads it.", show_default=False)],
    config: Config = DEFAULT,
    by: By = "",
    as_json: Json = False,
) -> None:
    """Reject a registration, or take an approval back."""
    _rule(config, Ruling.REJECT_REGISTRATION, name, by, as_json, note=note)


@registrations.command("return")
def return_(
    name: Name,
    note: Annotated[str, typer.Option("--note", help="What is missing; the partner reads it.", show_default=False)],
    config: Config = DEFAULT,
    by: By = "",
    as_json: Json = False,
) -> None:
    """Send a registration back to the partner, to be completed."""
    _rule(config, Ruling.RETURN_REGISTRATION, name, by, as_json, note=note)


@registrations.command()
def extend(
    name: Name,
    until: Annotated[
        datetime,
        typer.Option("--until", formats=["%Y-%m-%d"], help="The new last day of protection.", show_default=False),
    ],
    config: Config = DEFAULT,
    note: Note = "",
    by: By = "",
    as_json: Json = False,
) -> None:
    """Protect a registration until another day, as often and as far as the rules of engagement say."""
    _rule(config, Ruling.EXTEND_REGISTRATION, name, by, as_json, until=until.date(), note=note)


@registrations.command()
def withdraw(name: Name, config: Config = DEFAULT, note: Note = "", by: By = "", as_json: Json = False) -> None:
    """Withdraw a registration: its company is free for others."""
    _rule(config, Ruling.WITHDRAW_REGISTRATION, name, by, as_json, note=note)


@registrations.command()
def reassign(
    name: Name,
    partner: Annotated[str, typer.Option("--partner", help="The key of the partner that gets it.", show_default=False)],
    config: Config = DEFAULT,
    note: Note = "",
    by: By = "",
    as_json: Json = False,
) -> None:
    """Give a registration, with its protection, to another partner."""
    _rule(config, Ruling.REASSIGN_REGISTRATION, name, by, as_json, note=note, partner=partner)


def _rule(
    config: Path,
    ruling: Ruling,
    name: str,
    by: str,
    as_json: bool,
    *,
    until: date | None = None,
    note: str = "",
    partner: str | None = None,
) -> None:
    from tandem.compose import now
    from tandem.registrations.telling import Word, rule

    with told(f"tandem registrations {ruling.split('_')[0]}"), known():
        word = Word(ruling, name, by or getpass.getuser(), until, note or None, partner)
        given = rule(opened(config), word, now())
    what = ruling.replace("_", " ")
    typer.echo(given.model_dump_json() if as_json else f"{what} {' '.join(given.refs)}: told as {given.id}")
