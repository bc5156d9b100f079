"""`tandem plan` and `tandem apply`: what each takes and says; the work is done beside it."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from tandem.errors import FAILED, told
from tandem.options import DEFAULT, Config, Json, opened
from tandem.signals import stop_on_signals

if TYPE_CHECKING:
    from tandem.planning.plan import Plan


def plan_writes(
    target: Annotated[
        str,
        typer.Argument(help="A connection, or one of its records as connection/entity/key.", show_default=False),
    ],
    config: Config = DEFAULT,
    out: Annotated[
        Optional[Path], typer.Option(help="Write the plan into this file, for `tandem apply`.", show_default=False)
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="Show at most so many records.")] = 50,
    as_json: Json = False,
) -> None:
    """Print what the waiting writes of a connection would change, before and after, and why. Writes nothing.

    Writes wait where the connection says `hold = true`; they are also what a stopped sink has not done yet.
    """
    from rich.console import Console

    from tandem.planning.run import make
    from tandem.planning.show import show

    with told("tandem plan"):
        name, _, rest = target.partition("/")
        plan = make(opened(config), name)
        if rest:
            plan = plan.of(target)
        if out is not None:
            out.write_text(plan.model_dump_json(indent=2) + "\n", encoding="utf-8")
        if as_json:
            typer.echo(plan.model_dump_json())
        else:
            show(plan, Console(), limit)
            if out is not None:
                typer.echo(f"{out} is written. Next: `tandem apply {out}`.")


def apply_plan(
    path: Annotated[Path, typer.Argument(help="A plan that `tandem plan CONNECTION --out` wrote.", show_default=False)],
    config: Config = DEFAULT,
    as_json: Json = False,
) -> None:
    """Do exactly what a plan says; if anything has changed since, say what and write nothing (exit code 1)."""
    from tandem.planning.run import apply

    with told("tandem apply"):
        with _progress(as_json) as show:
            outcome = apply(opened(config), _read(path), stop_on_signals(), show)
        if as_json:
            typer.echo(outcome.model_dump_json())
        else:
            outcome.tell(sys.stdout)
        if not outcome.ok:
            raise typer.Exit(FAILED)


@contextmanager
def _progress(as_json: bool) -> Iterator[Callable[[int, int], None]]:
    """A bar on stderr, for those who look on."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("writing"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), disable=as_json) as bar:
        task = bar.add_task("writing", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _read(path: Path) -> "Plan":
    from pydantic import ValidationError

    from tandem.planning.plan import Plan
    from tandem.settings import ConfigError

    try:
        return Plan.model_validate_json(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(
            f"{path} cannot be read ({error.strerror}). Remedy: `tandem plan --out` writes one."
        ) from error
    except ValidationError as error:
        raise ConfigError(f"{path} is no plan: {json.loads(error.json())[0]['msg']}. Remedy: make it anew.") from error
