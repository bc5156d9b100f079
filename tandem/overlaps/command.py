"""`tandem overlaps`: what each command about shared accounts takes and says; asking and telling are done beside it."""

import getpass
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Literal, Optional

import typer

from schemas.messages import Ruling
from tandem.answering import known, ledger_of, tell
from tandem.errors import told
from tandem.options import DEFAULT, Config, Json, opened

overlaps = typer.Typer(
    no_args_is_help=True,
    help="See which accounts we share with partners, and settle what only a person can: the same company, or not.\n\n"
    "An overlap is named by its key, or by our account as connection/account/id. What you rule is an event: it outweighs "
    "the evidence for good, survives edits, and is a labelled pair for `tandem model train`.",
)
Band = Literal["linked", "to_confirm", "related"]
Ours = Annotated[
    str, typer.Argument(help="An overlap's key, or our account as connection/account/id.", show_default=False)
]
Theirs = Annotated[
    Optional[str], typer.Argument(help="The partner's account as connection/account/id.", show_default=False)
]
By = Annotated[str, typer.Option("--by", help="Who says so.", show_default="the user of this machine")]
Note = Annotated[str, typer.Option("--note", help="Why.", show_default=False)]


@overlaps.command("list")
def list_overlaps(
    config: Config = DEFAULT,
    band: Annotated[Optional[Band], typer.Option(help="Only those: to_confirm is what waits for a person.")] = None,
    partner: Annotated[Optional[str], typer.Option(help="Only those with this partner, by its key.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="Show so many, the least sure first.")] = 50,
    as_json: Json = False,
) -> None:
    """List the overlaps that hold, the least sure first."""
    from tandem.ledger import overlaps as ledger
    from tandem.overlaps import show

    with told("tandem overlaps list"), ledger_of(config) as asked:
        found = ledger.standing(asked, band=band, partner=partner)
    listed = found[:limit]
    if as_json:
        rows = [{"our_ref": it.our_ref, **it.overlap.model_dump(mode="json")} for it in listed]
        tell({"overlaps": rows, "total": len(found)})
    else:
        show.overlaps(listed, len(found))


@overlaps.command("show")
def show_overlap(name: Ours, config: Config = DEFAULT, as_json: Json = False) -> None:
    """Show one overlap: why it is one, what the evidence alone says, and what people ruled. Exit code 1 if there is none."""
    from tandem.ledger import overlaps as ledger
    from tandem.overlaps import show
    from tandem.overlaps.explaining import explained

    with told("tandem overlaps show"), ledger_of(config) as asked:
        found = ledger.one(asked, name)
        verdicts, reasons = ledger.verdicts(asked, found.our_ref), explained(ledger.both(asked, found))
    if as_json:
        row = {"our_ref": found.our_ref, **found.overlap.model_dump(mode="json")}
        tell({"overlap": row, "rulings": [asdict(each) for each in verdicts], "evidence": reasons})
    else:
        show.one(found, verdicts, reasons)


@overlaps.command()
def confirm(
    ours: Ours,
    theirs: Theirs = None,
    related: Annotated[bool, typer.Option("--related", help="One family, and not the same company.")] = False,
    config: Config = DEFAULT,
    note: Note = "",
    by: By = "",
    as_json: Json = False,
) -> None:
    """The two are one company, whatever the evidence says."""
    _rule(config, Ruling.RELATED_COMPANY if related else Ruling.SAME_COMPANY, ours, theirs, by, note, as_json)


@overlaps.command()
def refuse(
    ours: Ours, theirs: Theirs = None, config: Config = DEFAULT, note: Note = "", by: By = "", as_json: Json = False
) -> None:
    """The two are different companies: they are never shown as an overlap again."""
    _rule(config, Ruling.DIFFERENT_COMPANY, ours, theirs, by, note, as_json)


@overlaps.command()
def rulings(config: Config = DEFAULT, as_json: Json = False) -> None:
    """List what people ruled; what was ruled on other evidence than there is now is marked for review."""
    from tandem.ledger import overlaps as ledger
    from tandem.overlaps import show

    with told("tandem overlaps rulings"), ledger_of(config) as asked:
        found = ledger.verdicts(asked)
    tell({"rulings": [asdict(each) for each in found]}) if as_json else show.ruled(found)


@overlaps.command()
def export(
    path: Annotated[Path, typer.Argument(help="The CSV file to write.", show_default=False)],
    config: Config = DEFAULT,
    as_json: Json = False,
) -> None:
    """Write what people ruled as labelled pairs: the fields of both accounts, and the verdict."""
    from tandem.ledger import overlaps as ledger
    from tandem.overlaps import exporting

    with told("tandem overlaps export"), ledger_of(config) as asked:
        done = exporting.export(path, ledger.labelled(asked))
    left = f"; {done.left_out} left out, as the ledger has no fields of an account" if done.left_out else ""
    tell(asdict(done)) if as_json else typer.echo(f"{done.pairs} pairs written to {path}{left}")


@overlaps.command()
def counts(
    partner: Annotated[str, typer.Argument(help="The partner's key.", show_default=False)],
    config: Config = DEFAULT,
    as_json: Json = False,
) -> None:
    """Count the overlaps with a partner by our accounts, by theirs, and by company: why the two sides differ."""
    from tandem.ledger import overlaps as ledger
    from tandem.overlaps import show

    with told("tandem overlaps counts"), ledger_of(config) as asked:
        found = ledger.counts(asked, partner)
    tell(asdict(found)) if as_json else show.counts(found)


@overlaps.command()
def hot(
    config: Config = DEFAULT,
    limit: Annotated[int, typer.Option(min=1, help="Show so many.")] = 20,
    as_json: Json = False,
) -> None:
    """List the match keys that too many accounts hold to compare them: hosts of free mail, franchises, common names."""
    from tandem.overlaps import show
    from tandem.overlaps.hot import hottest

    with told("tandem overlaps hot"):
        found = hottest(opened(config), limit)
    tell({"keys": [asdict(each) for each in found]}) if as_json else show.hot(found)


def _rule(config: Path, ruling: Ruling, ours: str, theirs: str | None, by: str, note: str, as_json: bool) -> None:
    from tandem.compose import now
    from tandem.overlaps.telling import Word, rule

    with told("tandem overlaps"), known():
        word = Word(ruling, ours, theirs, by or getpass.getuser(), note or None)
        given = rule(opened(config), word, now())
    what = ruling.replace("_", " ")
    typer.echo(given.model_dump_json() if as_json else f"{what}: {' and '.join(given.refs)}, told as {given.id}")
