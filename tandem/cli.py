"""The command line: what each command takes and says; the work is done elsewhere.

A command imports what it needs when it runs: a deployment starts five of these processes at once.
"""

import json
import sys
from pathlib import Path
from typing import Annotated, Optional

import typer

from tandem import __version__
from tandem.blind.command import blind
from tandem.demo.command import run_demo
from tandem.errors import FAILED, told
from tandem.leads.command import explain, leads, route
from tandem.ledger.command import conflicts, deadletters, ledger, status, trace
from tandem.mapping.command import map_lists
from tandem.offers.command import offers
from tandem.options import DEFAULT, Config, Json, Name, opened
from tandem.overlaps.command import overlaps
from tandem.partners.command import partners
from tandem.planning.command import apply_plan, plan_writes
from tandem.psi.command import psi
from tandem.registrations.command import registrations
from tandem.rulings.command import rule
from tandem.sharing.command import sharing
from tandem.signals import stop_on_signals
from tandem.training.command import model
from tandem.whitespace.command import whitespace

app = typer.Typer(
    name="tandem",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    help="Keeps CRM, PRM, LMS and marketplaces of a partner ecosystem in step, over Kafka.\n\n"
    "[bold]tandem demo[/bold] shows it at work; [bold]tandem map ours.csv partner.csv[/bold] compares two lists with no "
    "broker; [bold]tandem init[/bold] writes a configuration, [bold]tandem check[/bold] proves it, "
    "[bold]tandem up[/bold] runs it.",
)


@app.callback(invoke_without_command=True)
def _root(version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False) -> None:
    if version:
        typer.echo(f"tandem {__version__}")
        raise typer.Exit


@app.command()
def init(
    path: Annotated[Path, typer.Argument(help="Where to write it.")] = DEFAULT,
    force: Annotated[bool, typer.Option("--force", help="Overwrite a file that is there.")] = False,
) -> None:
    """Write a commented configuration with every key, its meaning and its default."""
    from tandem import starter

    with told("tandem init"):
        starter.write(path, force)
    typer.echo(f"{path} is written. Next: fill in the connections, then `tandem check --config {path}`.")


@app.command()
def check(config: Config = DEFAULT, as_json: Json = False) -> None:
    """Test every connection, permission and topic, and say what to do about each fault. Changes nothing.

    Exit code 0 only if all is well.
    """
    from tandem.check import check_deployment, show_findings

    with told("tandem check"):
        findings = list(check_deployment(opened(config)))
        show_findings(findings, as_json)
        if not all(finding.ok for finding in findings):
            raise typer.Exit(FAILED)


@app.command()
def prepare(name: Name, config: Config = DEFAULT, as_json: Json = False) -> None:
    """Make in a system what Tandem needs there (fields, objects, subscriptions), and nothing that is there already.

    For HubSpot. In Salesforce an admin deploys `deploy/salesforce` instead.
    """
    from tandem.check import show_findings

    with told(f"tandem prepare {name}"):
        findings = list(opened(config).prepare(name))
        show_findings(findings, as_json)
        if not all(finding.ok for finding in findings):
            raise typer.Exit(FAILED)


@app.command()
def up(
    config: Config = DEFAULT,
    logs: Annotated[
        Optional[Path], typer.Option("--logs", help="Write each process's log into this folder instead of stderr.")
    ] = None,
) -> None:
    """Run the whole deployment as one process tree; Ctrl-C stops it cleanly.

    The embedded broker (if configured), each source, the stream workers and each sink run as processes of their own,
    and are started again when they fail. A process that needs a person (exit code 78) stays down and the rest goes on.
    """
    from tandem.up import run_tree

    with told("tandem up"):
        raise typer.Exit(run_tree(opened(config), config, logs, stop_on_signals()))


@app.command()
def source(
    name: Name,
    config: Config = DEFAULT,
    once: Annotated[bool, typer.Option("--once", help="Stop when caught up.")] = False,
    confirm_removals: Annotated[
        Optional[int], typer.Option(help="Allow a list to shrink by exactly so many rows, once.", show_default=False)
    ] = None,
) -> None:
    """Publish the changes of one connection."""
    from tandem.compose import run_source

    with told(f"source {name}"):
        deployment = opened(config).confirming(name, confirm_removals)
        count = run_source(deployment, name, stop_on_signals(), once)
        if once:
            typer.echo(json.dumps({"connection": name, "changes": count}))


@app.command()
def stream(
    config: Config = DEFAULT,
    worker: Annotated[int, typer.Option("--worker", min=0, help="This worker's number: each needs its own.")] = 0,
) -> None:
    """Run one stream worker: every decision, exactly once. Start more of them to share the partitions."""
    from tandem.worker import run_worker

    with told(f"stream worker {worker}"):
        run_worker(opened(config), worker)


@app.command()
def sink(name: Name, config: Config = DEFAULT) -> None:
    """Bring the writes of one connection to it, one outcome each."""
    with told(f"sink {name}"):
        opened(config).push(name).run(stop_on_signals())


@app.command()
def broker(config: Config = DEFAULT) -> None:
    """Run the embedded broker alone, for source, stream and sink processes that are started one by one."""
    with told("tandem broker"):
        embedded = opened(config).needs_embedded()
        stop = stop_on_signals()
        embedded.start()
        typer.echo(json.dumps({"ready": True, "bootstrap": embedded.bootstrap}))
        while not stop.wait(0.5) and embedded.answers():
            pass
        embedded.stop()
        if not stop.is_set():
            raise typer.Exit(FAILED)


app.command("plan")(plan_writes)
app.command("apply")(apply_plan)
app.add_typer(rule, name="rule")
app.add_typer(offers, name="offers")
app.add_typer(partners, name="partners")
app.add_typer(sharing, name="sharing")
app.add_typer(registrations, name="registrations")
app.add_typer(leads, name="leads")
app.add_typer(explain, name="explain")
app.command("route")(route)
app.command("status")(status)
app.command("trace")(trace)
app.add_typer(deadletters, name="deadletters")
app.add_typer(conflicts, name="conflicts")
app.add_typer(ledger, name="ledger")
app.command("map")(map_lists)
app.add_typer(overlaps, name="overlaps")
app.add_typer(blind, name="blind")
app.add_typer(psi, name="psi")
app.add_typer(model, name="model")
app.add_typer(whitespace, name="whitespace")
app.command("demo")(run_demo)


def main() -> None:
    """The `tandem` command."""
    sys.exit(app())
