"""`tandem leads`, `tandem explain` and `tandem route`: what each command takes and says; the work is done beside it."""

import getpass
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Optional

import typer

from schemas.messages import RouteState, Ruling
from tandem.answering import known, ledger_of, tell
from tandem.errors import FAILED, told
from tandem.options import DEFAULT, Config, Json, opened

leads = typer.Typer(
    no_args_is_help=True,
    help="Look at leads and who has them, and tell what only a person can: accept, decline, assign.\n\n"
    "`list` shows where leads are, `show` one of them with every partner that was looked at, `check` compares the rules with "
    "the partners. A lead is named by its id in the CRM or as connection/lead/id. What you rule is an event: it is kept with "
    "your name, shown by `tandem trace`, and holds after a rebuild.",
)
explain = typer.Typer(no_args_is_help=True, help="Say why something was decided as it was.")
LeadName = Annotated[
    str, typer.Argument(metavar="LEAD", help="By its id or as connection/lead/id.", show_default=False)
]
For = Annotated[Optional[str], typer.Option("--partner", metavar="KEY", help="Only if this partner has it.")]
By = Annotated[str, typer.Option("--by", help="Who says so.", show_default="the user of this machine")]
Note = Annotated[str, typer.Option("--note", help="Why, to be read later.", show_default=False)]
PartnersFile = Annotated[
    Optional[Path],
    typer.Option("--partners", metavar="FILE", help="Partners from a list instead of the ledger.", show_default=False),
]
RulesFolder = Annotated[
    Optional[Path],
    typer.Option("--rules", metavar="FOLDER", help="A folder with another routing.toml.", show_default=False),
]


@leads.command("list")
def list_leads(
    config: Config = DEFAULT,
    state: Annotated[
        Optional[list[RouteState]], typer.Option(help="Only those that stand so; may be given several times.")
    ] = None,
    partner: Annotated[Optional[str], typer.Option(metavar="KEY", help="Only those that this partner has.")] = None,
    as_json: Json = False,
) -> None:
    """List where leads are, the latest first."""
    from tandem.leads import show
    from tandem.ledger import leads as ledger

    with told("tandem leads"), ledger_of(config) as asked:
        found = ledger.routes(asked, [each.value for each in state or ()], partner)
    if as_json:
        tell({"leads": [it.model_dump(mode="json") for it in found]})
    else:
        show.routes(found, filtered=bool(state or partner))


@leads.command("show")
def show_lead(name: LeadName, config: Config = DEFAULT, as_json: Json = False) -> None:
    """Show where one lead is and why, every partner that was looked at, and what has happened.

    Exit code 1 when nothing is known of it.
    """
    _explain(config, name, None, as_json)


@explain.command("lead")
def explain_lead(
    name: LeadName,
    config: Config = DEFAULT,
    partner: Annotated[
        Optional[str], typer.Option("--partner", metavar="KEY", help="Say also why this partner has it or has it not.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Say who has a lead and why, and of every partner that was looked at why it won or lost.

    Exit code 1 when nothing is known of it.
    """
    _explain(config, name, partner, as_json)


@leads.command()
def accept(
    lead: LeadName, config: Config = DEFAULT, partner: For = None, note: Note = "", by: By = "", as_json: Json = False
) -> None:
    """Accept a lead for the partner that it is offered to."""
    _rule(config, Ruling.ACCEPT_LEAD, lead, partner, by, note, as_json)


@leads.command()
def decline(
    lead: LeadName, config: Config = DEFAULT, partner: For = None, note: Note = "", by: By = "", as_json: Json = False
) -> None:
    """Decline a lead for the partner that has it: the next one is asked."""
    _rule(config, Ruling.DECLINE_LEAD, lead, partner, by, note, as_json)


@leads.command()
def assign(
    lead: LeadName,
    partner: Annotated[
        Optional[str], typer.Argument(metavar="[PARTNER]", help="Its key; none: direct sales.", show_default=False)
    ] = None,
    config: Config = DEFAULT,
    note: Note = "",
    by: By = "",
    as_json: Json = False,
) -> None:
    """Give a lead to a partner, whatever the rules say, or to direct sales."""
    _rule(config, Ruling.ASSIGN_LEAD, lead, partner, by, note, as_json)


@leads.command("check")
def check_rules(
    config: Config = DEFAULT, partners: PartnersFile = None, rules: RulesFolder = None, as_json: Json = False
) -> None:
    """Compare the routing rules with the partners: territories that nobody serves, rules that ask nobody, unknown words.

    Exit code 0 only if all is well.
    """
    from tandem.check import show_findings
    from tandem.leads import asking
    from tandem.leads.checking import check

    with told("tandem leads check"):
        folder, found = asking.rules(config, rules)
        known = asking.known(config, partners, found)
        findings = list(check(found, known.partners, folder))
        show_findings(findings, as_json)
        if not all(finding.ok for finding in findings):
            raise typer.Exit(FAILED)


def route(
    dry_run: Annotated[
        Optional[Path],
        typer.Option(
            "--dry-run", metavar="LEADS", help="A list of leads: CSV, JSON Lines or Parquet.", show_default=False
        ),
    ] = None,
    since: Annotated[
        Optional[str], typer.Option(metavar="30d", help="Leads that were routed since then.", show_default=False)
    ] = None,
    config: Config = DEFAULT,
    rules: RulesFolder = None,
    partners: PartnersFile = None,
    out: Annotated[Optional[Path], typer.Option(metavar="FILE", help="Write the outcomes as CSV.")] = None,
    as_json: Json = False,
) -> None:
    """Show what the routing rules do before they do it; nothing is written to any system.

    `--dry-run leads.csv` says who would get each lead of a list and why. `--since 30d --rules FOLDER` decides last month's
    leads again under other rules, and says which would have gone elsewhere. It is the decision that the streams run.
    """
    if (dry_run is None) == (since is None):
        raise typer.BadParameter("give either --dry-run LEADS or --since 30d")
    with told("tandem route"):
        if dry_run is not None:
            _route_list(dry_run, config, rules, partners, out, as_json)
        else:
            _route_again(str(since), config, rules, partners, as_json)


def _route_list(
    path: Path, config: Path, folder: Path | None, partners: Path | None, out: Path | None, as_json: bool
) -> None:
    from tandem.compose import now
    from tandem.leads import asking, lists, running, show

    _, rules = asking.rules(config, folder)
    read = lists.leads(path)
    known = asking.known(config, partners, rules)
    found = running.listed(rules, known, read, now())
    if out is not None:
        running.write(out, found)
    if as_json:
        told_leads = [{"row": number, "left_alone": it.left_alone, "routed": it.fact.model_dump(mode="json") if it.fact else None}
                      for number, it in zip(read.rows, found, strict=True)]  # fmt: skip
        tell({"leads": told_leads, "refused": [asdict(each) for each in read.refused], "columns": dict(read.columns)})
    else:
        show.outcomes(found, [read, *known.lists])


def _route_again(since: str, config: Path, folder: Path | None, partners: Path | None, as_json: bool) -> None:
    from tandem.compose import now
    from tandem.leads import asking, running, show
    from tandem.ledger import leads as ledger

    begin = running.ago(since, now())
    _, rules = asking.rules(config, folder)
    known = asking.known(config, partners, rules)
    with ledger_of(config) as asked:
        facts = ledger.first_routed(asked, begin)
    found = running.decided_again(rules, known, facts)
    if as_json:
        tell({"leads": len(facts), "differing": [asdict(it) for it in found], "rules_version": rules.version})
    else:
        show.differences(found, len(facts))


def _explain(config: Path, name: str, partner: str | None, as_json: bool) -> None:
    from tandem.leads import asking, show
    from tandem.ledger import leads as ledger

    with told("tandem explain lead"), ledger_of(config) as asked:
        found = ledger.route(asked, name)
        steps = ledger.steps(asked, found.lead)
        why = asking.why(config, found, ledger.partner(asked, partner)) if partner is not None else None
    if as_json:
        answer = {**found.model_dump(mode="json"), "steps": [asdict(step) for step in steps]}
        tell(answer if partner is None else {**answer, "asked_of": {"partner": partner, "reasons": why}})
        return
    show.one(found, steps)
    if why is not None:
        typer.echo(f"\n{partner}: {', '.join(why)}")


def _rule(config: Path, ruling: Ruling, lead: str, partner: str | None, by: str, note: str, as_json: bool) -> None:
    from tandem.compose import now
    from tandem.leads.telling import Word, rule

    with told(f"tandem leads {ruling.split('_')[0]}"), known():
        given = rule(opened(config), Word(ruling, lead, partner, by or getpass.getuser(), note or None), now())
    what = ruling.replace("_", " ")
    typer.echo(given.model_dump_json() if as_json else f"{what} {' '.join(given.refs)}: told as {given.id}")
