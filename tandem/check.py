"""`tandem check`: proves broker, topics and connections before anything runs; it changes nothing."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from connectors.base import Finding
from connectors.errors import ConnectorError
from mappings.errors import MappingError
from schemas.log import LogError, Unreachable
from schemas.topics import Topic
from tandem.compose import Deployment


def check_deployment(deployment: Deployment) -> Iterator[Finding]:
    """One finding for the rules of the decisions, for the broker and each topic, and those of each connection."""
    try:
        topics = deployment.topics
        yield Finding("decisions", ok=True, detail="their rules can be read")
    except MappingError as error:
        topics = ()
        yield _unreadable("decisions", error)
    yield from _check_kafka(deployment, topics)
    for name in deployment.settings.connections:
        try:
            tables = list(deployment.tables(name).values())
            for finding in deployment.checker(name).check(tables):
                yield Finding(f"{name}: {finding.subject}", finding.ok, finding.detail, finding.remedy)
        except MappingError as error:
            yield _unreadable(f"{name}: mapping", error)
        except ConnectorError as error:
            yield Finding(f"{name}: connection", ok=False, detail=error.reason, remedy=error.remedy)


def _unreadable(subject: str, error: MappingError) -> Finding:
    reason, _, remedy = str(error).partition(" Remedy: ")
    return Finding(subject, ok=False, detail=reason, remedy=remedy)


def _check_kafka(deployment: Deployment, topics: Sequence[Topic]) -> Iterator[Finding]:
    broker = deployment.embedded
    if broker is not None and not broker.answers():
        detail = "the embedded broker is not running now; `tandem up` starts it and makes the topics"
        yield Finding("kafka: broker", ok=True, detail=detail)
        return
    try:
        admin = deployment.admin
        yield Finding("kafka: broker", ok=True, detail=f"{admin.reachable()} broker(s) answer")
    except Unreachable as error:
        reason, _, remedy = str(error).partition(" Remedy: ")
        yield Finding("kafka: broker", ok=False, detail=reason, remedy=remedy)
        return
    sizes = admin.sizes()
    for topic in topics:
        if topic.name not in sizes:
            yield Finding(f"topic {topic.name}", ok=True, detail="not there yet; the first process makes it")
            continue
        try:
            faults = admin.faults(topic, sizes[topic.name])
        except LogError as error:
            faults = [str(error)]
        reason, _, remedy = " ".join(faults).partition(" Remedy: ")
        detail = reason or f"{sizes[topic.name]} partitions, {topic.cleanup}"
        yield Finding(f"topic {topic.name}", ok=not faults, detail=detail, remedy=remedy)


def show_findings(findings: Sequence[Finding], as_json: bool) -> None:
    """Print them, as one JSON object or as a table with the remedies below."""
    faults = [finding for finding in findings if not finding.ok]
    if as_json:
        typer.echo(json.dumps({"ok": not faults, "findings": [asdict(finding) for finding in findings]}))
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("", "what", "found"):
        table.add_column(column)
    for finding in findings:
        state = "[green]ok[/]" if finding.ok else "[red]FAULT[/]"
        table.add_row(state, escape(finding.subject), escape(finding.detail))
    console = Console()
    console.print(table)
    for finding in faults:
        console.print(f"\n[red]{escape(finding.subject)}[/]: {escape(finding.remedy)}")
    console.print(f"\n{len(findings)} checks, {len(faults)} faults")
