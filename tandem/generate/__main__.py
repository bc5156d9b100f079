"""`python -m tandem.generate`: what it takes and says; it never writes outside the source tree that it stands in."""

import json
from pathlib import Path
from typing import Annotated

import typer

from tandem import __version__
from tandem.errors import FAILED, told
from tandem.generate import everything
from tandem.generate.tree import Tree
from tandem.settings import ConfigError

ROOT = Path(__file__).parents[2]


def main(
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit code 1 if a file is out of date.")
    ] = False,
    release: Annotated[
        bool, typer.Option("--release", help="Also keep the schemas as the baseline of this version.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")] = False,
) -> None:
    """Write the JSON Schemas, the AsyncAPI document and the reference pages from the code."""
    with told("tandem.generate"):
        if check and release:
            raise ConfigError("--check writes nothing and --release writes a baseline. Remedy: give one of the two.")
        files = everything.files()
        if release:
            files |= everything.baseline(ROOT, __version__)
        tree = Tree(ROOT, files, everything.OWNED)
        stale = tree.stale()
        if not check:
            tree.write()
        _say(stale, check, as_json)
        if check and stale:
            raise typer.Exit(FAILED)


def _say(stale: list[str], check: bool, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps({"stale" if check else "written": stale}))
        return
    for name in stale:
        typer.echo(f"{'out of date' if check else 'written'}: {name}")
    if check and stale:
        typer.echo("Remedy: `make generate`, and commit what it writes.", err=True)
    elif not stale:
        typer.echo("everything is up to date")


if __name__ == "__main__":
    typer.run(main)
