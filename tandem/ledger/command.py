"""The commands that ask the ledger, and those that keep it: what each takes and says; the work is done beside it."""

import getpass
from collections.abc import Sequence
from dataclasses import asdict
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any, Optional

import typer

from tandem.answering import known, ledger_of, tell
from tandem.errors import FAILED, told
from tandem.options import DEFAULT, Config, Json, opened
from tandem.signals import stop_on_signals

if TYPE_CHECKING:
    from tandem.ledger.answers import Letter
    from tandem.ledger.letters import Done
    from tandem.ledger.running import Ledger

deadletters = typer.Typer(
    no_args_is_help=True, help="What could not be processed: look at it, try it again, give it up."
)
conflicts = typer.Typer(no_args_is_help=True, help="Where systems disagree: settled by rule, or waiting for a person.")
ledger = typer.Typer(no_args_is_help=True, help="The database that answers questions: feed it, build it anew.")

Ids = Annotated[Optional[list[str]], typer.Argument(help="Ids of dead letters, or how they begin.", show_default=False)]
Every = Annotated[bool, typer.Option("--all", help="Every open one.")]
Stage = Annotated[Optional[str], typer.Option(help="Those parked there, as sink:our-crm.", show_default=False)]
Code = Annotated[Optional[str], typer.Option(help="Those with this code.", show_default=False)]
By = Annotated[Optional[str], typer.Option(help="Who does it.", show_default="the user who is logged in")]
Note = Annotated[str, typer.Option(help="Why, to be read later.", show_default=False)]


def status(config: Config = DEFAULT, as_json: Json = False) -> None:
    """Say how every connection is, what waits, and what needs a person.

    Exit code 1 when something needs a person: a stopped connection, an open dead letter or conflict, or a ledger that
    nobody feeds.
    """
    from tandem.compose import now
    from tandem.ledger import queries, show
    from tandem.ledger.store import NoLedger

    with told("tandem status"):
        it = _ledger(config)
        store, roles = it.store(), it.roles()
        try:
            with it.asking() as asked:
                found = queries.status(asked, store.name, roles, now(), it.extents())
        except NoLedger:
            found = queries.nothing_yet(store.name, roles, now())
        tell(asdict(found)) if as_json else show.status(found)
    if not found.ok:
        raise typer.Exit(FAILED)


def trace(
    name: Annotated[
        str,
        typer.Argument(
            metavar="RECORD",
            help="A record as connection/entity/id or by its id alone, a Tandem key, a write's id or an overlap's key.",
            show_default=False,
        ),
    ],
    config: Config = DEFAULT,
    limit: Annotated[int, typer.Option(min=1, help="Show at most so many events, the latest.")] = 500,
    as_json: Json = False,
) -> None:
    """Tell the story of one record: its changes, what was decided and why, what was written, and what became of it.

    Exit code 1 when nothing or more than one thing is called so.
    """
    from tandem.ledger import show, tracing

    with told("tandem trace"), ledger_of(config) as asked:
        found = tracing.trace(asked, name, limit)
    if isinstance(found, list):
        tell({"candidates": [asdict(it) for it in found]}) if as_json else show.candidates(name, found)
        raise typer.Exit(FAILED)
    tell(asdict(found)) if as_json else show.trace(found)


@deadletters.command("list")
def list_letters(
    config: Config = DEFAULT,
    every: Annotated[bool, typer.Option("--all", help="Also those that were retried or discarded.")] = False,
    stage: Stage = None,
    code: Code = None,
    as_json: Json = False,
) -> None:
    """List dead letters, the oldest first."""
    from tandem.ledger import queries, show

    with told("tandem deadletters"), ledger_of(config) as asked:
        found = queries.letters(asked, None if every else queries.OPEN, stage, code)
    tell({"dead_letters": [asdict(it) for it in found]}) if as_json else show.letters(found)


@deadletters.command("show")
def show_letter(
    name: Annotated[str, typer.Argument(metavar="ID", help="Its id, or how it begins.")],
    config: Config = DEFAULT,
    as_json: Json = False,
) -> None:
    """Show one dead letter with everything that is known of it."""
    from tandem.ledger import queries, show

    with told("tandem deadletters"), ledger_of(config) as asked:
        found = queries.letter(asked, name)
    tell(asdict(found)) if as_json else show.letter(found)


@deadletters.command("retry")
def retry_letters(  # noqa: PLR0913, PLR0917 - each is an option
    ids: Ids = None,
    config: Config = DEFAULT,
    every: Every = False,
    stage: Stage = None,
    code: Code = None,
    force: Annotated[bool, typer.Option("--force", help="Also a write that a newer one has overtaken.")] = False,
    by: By = None,
    note: Note = "",
    as_json: Json = False,
) -> None:
    """Publish the inputs of dead letters again, once their cause is mended. What fails again is open again.

    Exit code 1 when one of them cannot be tried again; the others are.
    """
    from tandem.ledger import letters

    with told("tandem deadletters"):
        it = _ledger(config)
        with known(), it.asking() as asked:
            chosen = _chosen(asked, ids or [], every, stage, code)
            done = letters.retry(chosen, it.journal(), _person(by, note), asked, force=force) if chosen else []
        _told_of(done, "published again", as_json)


@deadletters.command("discard")
def discard_letters(
    ids: Ids = None,
    config: Config = DEFAULT,
    every: Every = False,
    stage: Stage = None,
    code: Code = None,
    by: By = None,
    note: Note = "",
    as_json: Json = False,
) -> None:
    """Give dead letters up: they stay in the ledger, and need nobody any more."""
    from tandem.ledger import letters

    with told("tandem deadletters"):
        it = _ledger(config)
        with known(), it.asking() as asked:
            chosen = _chosen(asked, ids or [], every, stage, code)
            done = letters.discard(chosen, it.journal(), _person(by, note)) if chosen else []
        _told_of(done, "discarded", as_json)


@conflicts.command("list")
def list_conflicts(
    config: Config = DEFAULT,
    every: Annotated[bool, typer.Option("--all", help="Also those that a rule has settled.")] = False,
    as_json: Json = False,
) -> None:
    """List conflicts, the oldest first."""
    from tandem.ledger import queries, show

    with told("tandem conflicts"), ledger_of(config) as asked:
        found = queries.conflicts(asked, only_open=not every)
    tell({"conflicts": [asdict(it) for it in found]}) if as_json else show.conflicts(found)


@conflicts.command("show")
def show_conflict(
    name: Annotated[str, typer.Argument(metavar="ID", help="Its id, or how it begins.")],
    config: Config = DEFAULT,
    as_json: Json = False,
) -> None:
    """Show one conflict with everything that is known of it."""
    from tandem.ledger import queries, show

    with told("tandem conflicts"), ledger_of(config) as asked:
        found = queries.conflict(asked, name)
    tell(asdict(found)) if as_json else show.conflict(found)


@ledger.command("run")
def follow(config: Config = DEFAULT) -> None:
    """Feed the ledger from the topics until stopped. `tandem up` runs this."""
    from tandem.ledger.running import run_ledger

    with told("ledger"):
        run_ledger(opened(config), stop_on_signals())


@ledger.command("rebuild")
def build_anew(
    config: Config = DEFAULT,
    only_topics: Annotated[
        bool,
        typer.Option("--only-topics", help="Leave out what the topics no longer hold, instead of carrying it over."),
    ] = False,
    as_json: Json = False,
) -> None:
    """Build the ledger anew from offset zero while the old one serves; it takes its place in one step at the end."""
    from tandem.compose import now
    from tandem.ledger.rebuild import rebuild

    with told("tandem ledger rebuild"):
        it = _ledger(config)
        done = rebuild(it.store(), it.feed(), now, carry=not only_topics)
    if as_json:
        tell(asdict(done))
    else:
        typer.echo(f"The ledger is built anew: {done.fed} records fed, {done.carried} older rows carried over.")


@ledger.command("prune")
def forget(
    days: Annotated[int, typer.Argument(min=1, help="Keep what happened in so many days.", show_default=False)],
    config: Config = DEFAULT,
    as_json: Json = False,
) -> None:
    """Forget what was over before so many days. What stands now, waits, or is open is kept whatever its age."""
    from tandem.compose import now
    from tandem.ledger.pruning import prune

    with told("tandem ledger prune"):
        it = _ledger(config)
        with it.asking():  # says what is wrong where there is no ledger
            pass
        counts = prune(it.store(), now() - timedelta(days=days))
    tell(counts) if as_json else typer.echo(f"{sum(counts.values())} rows are forgotten.")


def _ledger(config: Any) -> "Ledger":
    from tandem.ledger.running import Ledger

    return Ledger(opened(config))


def _chosen(asked: Any, ids: Sequence[str], every: bool, stage: str | None, code: str | None) -> "list[Letter]":
    from tandem.ledger import queries

    if bool(ids) == bool(every or stage or code):
        raise typer.BadParameter("name dead letters by their ids, or choose them with --all, --stage or --code")
    return [queries.letter(asked, each) for each in ids] or queries.letters(asked, queries.OPEN, stage, code)


def _person(by: str | None, note: str) -> Any:
    from tandem.compose import now
    from tandem.ledger.letters import Person

    return Person(by or getpass.getuser(), now(), note)


def _told_of(done: "Sequence[Done]", what: str, as_json: bool) -> None:
    from tandem.ledger import show

    tell({"dead_letters": [asdict(it) for it in done]}) if as_json else show.done(done, what)
    if not all(it.done for it in done):
        raise typer.Exit(FAILED)
