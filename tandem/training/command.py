"""`tandem model`: trains the matcher from labelled pairs, shows its numbers, checks them; the work is done elsewhere."""

import json
import os
from pathlib import Path
from typing import Annotated

import typer

from tandem.errors import FAILED, told
from tandem.options import Json

model = typer.Typer(
    no_args_is_help=True,
    help="The matcher's numbers: learn them from labelled pairs, show them, check them. Nothing leaves this machine.\n\n"
    "Labelled pairs are a folder with ours.csv, partner.csv and gold_pairs.csv; one list with a column 'True Id'; or what "
    "`tandem overlaps export` writes of people's own rulings.",
)
Labels = Annotated[list[Path], typer.Argument(metavar="PAIRS...", help="Labelled pairs.", show_default=False)]
Column = Annotated[
    list[str] | None,
    typer.Option("--column", metavar="FIELD=COLUMN", help='A column, as name="Site name". Repeatable.'),
]
ModelFile = Annotated[
    Path | None, typer.Option("--model", metavar="FILE", help="A model file.", show_default="the shipped model")
]
Out = Annotated[Path, typer.Option(metavar="FILE", help="Where the model is written.")]
Start = Annotated[
    bool,
    typer.Option(
        "--start/--from-nothing", help="Begin from a model and move it as far as the pairs say, or from nothing."
    ),
]
Date = Annotated[str, typer.Option(metavar="YYYY-MM-DD", help="What the report is dated.", show_default="today")]


@model.command()
def train(
    pairs: Labels,
    out: Out = Path("model.toml"),
    column: Column = None,
    begin: Start = True,
    model_file: ModelFile = None,
    date: Date = "",
    as_json: Json = False,
) -> None:
    """Learn a model from labelled pairs, write it with its report, and say how right it was on companies it had not seen.

    A deployment uses it when its configuration names it: `[matching] model = "model.toml"`.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before numpy comes: threads cost more than such small systems
    from tandem.training import job
    from tandem.training import told as told_of
    from tandem.training.loading import load_model

    with told("tandem model train"):
        asked = job.Asked(pairs, named(column), dated(date))
        made = job.train(asked, load_model(model_file) if begin else None, lambda what: typer.echo(what, err=True))
        job.written(out, made)
        typer.echo(json.dumps(made.report) if as_json else told_of.report(made.report))
        typer.echo(f"{out} is written.", err=True)


@model.command()
def show(model_file: ModelFile = None, as_json: Json = False) -> None:
    """The numbers of a model, the strongest first, and its training report."""
    from tandem.training import job
    from tandem.training import told as told_of
    from tandem.training.loading import load_model

    with told("tandem model show"):
        found = load_model(model_file)
        typer.echo(json.dumps(job.plain(found)) if as_json else told_of.numbers(found))


@model.command()
def check(pairs: Labels, model_file: ModelFile = None, column: Column = None, as_json: Json = False) -> None:
    """Measure a model on labelled pairs. Exit code 1 if its confidences are off by more than 5 points in some bin.

    On pairs that the model was trained on the figures flatter: its own report has those of held-out companies.
    """
    from tandem.training import job
    from tandem.training import told as told_of
    from tandem.training.loading import load_model

    with told("tandem model check"):
        measured = job.check(job.Asked(pairs, named(column), ""), load_model(model_file))
        typer.echo(json.dumps(measured) if as_json else told_of.checked(measured))
        if any(each["off"] for each in measured["set"]):
            raise typer.Exit(FAILED)


def named(given: list[str] | None) -> dict[str, str]:
    """The columns that were named. Raises `ConfigError`."""
    from tandem.settings import ConfigError

    found = {}
    for each in given or ():
        name, equals, column = each.partition("=")
        if not (name and equals and column):
            raise ConfigError(
                f'--column {each}: not FIELD=COLUMN. Remedy: write, for example, --column name="Site name"'
            )
        found[name] = column
    return found


def dated(text: str) -> str:
    """An ISO date, today's if none is given. Raises `ConfigError`."""
    from datetime import date

    from tandem.compose import now
    from tandem.settings import ConfigError

    try:
        return date.fromisoformat(text).isoformat() if text else now().date().isoformat()
    except ValueError as error:
        raise ConfigError(f"--date {text}: {error}. Remedy: write it as 2026-11-30") from error
