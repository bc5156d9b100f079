"""`tandem demo`: its options; what they ask for is imported when it is asked for, so that other commands start fast."""

import shutil
import tempfile
from pathlib import Path
from typing import Annotated, Optional

import typer

from tandem.errors import FAILED, told


def run_demo(
    once: Annotated[bool, typer.Option("--once", help="Load, edit, compare, end: needs nobody.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout (with --once).")] = False,
    workers: Annotated[int, typer.Option(min=1, max=8, help="Stream workers.")] = 1,
    bootstrap: Annotated[str, typer.Option(help="`embedded`, or host:port of an empty Kafka.")] = "embedded",
    seed: Annotated[int, typer.Option(help="Owners, populations and edits follow from it.")] = 7,
    keep: Annotated[
        Optional[Path], typer.Option(help="Keep everything in this folder instead of a temporary one.")
    ] = None,
) -> None:
    """Show the main job on real companies: our Salesforce and our HubSpot kept in step, overlaps with a partner's HubSpot.

    With --once the exit code is 0 only if every overlap decided is in each CRM and nothing else is, and every journey
    arrived.
    """
    from rich.console import Console

    from tandem.demo.play import play_live, play_once, playing
    from tandem.telemetry import log_to_stderr

    say = Console(stderr=True)
    log_to_stderr("WARNING")
    folder = keep or Path(tempfile.mkdtemp(prefix="tandem-demo-"))
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with told("tandem demo"), playing(folder, bootstrap, workers, seed, say) as play:
            failed = play_once(play, seed, as_json) if once else play_live(play, seed)
    finally:
        if keep is None:
            shutil.rmtree(folder, ignore_errors=True)
    raise typer.Exit(FAILED if failed else 0)
