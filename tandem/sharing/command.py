"""`tandem sharing`: what each command about sharing takes and says; asking, telling and showing are done beside it."""

import getpass
from pathlib import Path
from typing import Annotated, Any, Optional

import typer

from schemas.messages import Ruling, ShareVerdict
from tandem.answering import tell
from tandem.errors import FAILED, told
from tandem.options import DEFAULT, Config, Json, opened

sharing = typer.Typer(
    no_args_is_help=True,
    help="See and rule what partners see of our accounts.\n\n"
    "`show` says what is agreed with whom, `check` what of it cannot work, `preview` what one partner sees now, `audit` what "
    "left, was withheld or taken back. The rules stand in sharing.toml. `consent`, `revoke` and `release` are events: they "
    "are kept with your name, and hold after a restart.",
)
Partner = Annotated[str, typer.Argument(metavar="PARTNER", help="The partner's key or name.", show_default=False)]
Only = Annotated[
    Optional[str], typer.Argument(metavar="[PARTNER]", help="Only this one, by key or name.", show_default=False)
]
By = Annotated[str, typer.Option("--by", help="Who says so.", show_default="the user of this machine")]
Note = Annotated[str, typer.Option("--note", help="Why, to be read later.", show_default=False)]


@sharing.command()
def show(partner: Only = None, config: Config = DEFAULT, as_json: Json = False) -> None:
    """Show what is agreed with each partner: consent of both sides, levels, fields, caps, and what is held back."""
    from tandem.sharing import asking
    from tandem.sharing import show as showing

    with told("tandem sharing show"):
        deployment = opened(config)
        book = asking.rules(deployment)
        wanted = [_named(deployment, partner)] if partner else asking.partners(deployment.settings, book)
        found = [asking.standing(deployment, each) for each in wanted]
    tell({"partners": [it.as_json() for it in found]}) if as_json else showing.partners(found)


@sharing.command()
def check(config: Config = DEFAULT, as_json: Json = False) -> None:
    """Read sharing.toml and compare it with what is connected; say what to do about each fault. Exit code 0 if all is well."""
    from tandem.check import show_findings
    from tandem.sharing.checking import check

    with told("tandem sharing check"):
        findings = list(check(opened(config)))
        show_findings(findings, as_json)
    if not all(finding.ok for finding in findings):
        raise typer.Exit(FAILED)


@sharing.command()
def preview(
    partner: Partner,
    config: Config = DEFAULT,
    connection: Annotated[
        Optional[str], typer.Option(metavar="NAME", help="Which connection's accounts; none: what the partner takes.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="With --json: so many rows of each kind.")] = 1000,
    as_json: Json = False,
) -> None:
    """Show what a partner can see of our accounts now: records, rows and counts, each as it would leave.

    What its own list has too much of is not taken out here: `show` says how many accounts are held back.
    """
    from tandem.sharing import asking
    from tandem.sharing import show as showing

    with told("tandem sharing preview"):
        deployment = opened(config)
        found = asking.preview(deployment, _named(deployment, partner), connection)
    tell(found.as_json(limit)) if as_json else showing.preview(found)


@sharing.command()
def consent(partner: Partner, config: Config = DEFAULT, by: By = "", note: Note = "", as_json: Json = False) -> None:
    """Record that a partner has agreed (also anew, after a revocation). Ours stands in sharing.toml."""
    _rule(config, Ruling.CONSENT_SHARING, partner, by, note, as_json)


@sharing.command()
def revoke(partner: Partner, config: Config = DEFAULT, by: By = "", note: Note = "", as_json: Json = False) -> None:
    """Stop sharing with a partner, and take what was shared out of its system. `consent` starts it again."""
    _rule(config, Ruling.REVOKE_SHARING, partner, by, note, as_json)


@sharing.command()
def release(partner: Partner, config: Config = DEFAULT, by: By = "", note: Note = "", as_json: Json = False) -> None:
    """Let through the accounts of a partner that are held back because they were too many or came too fast."""
    _rule(config, Ruling.RELEASE_SHARING, partner, by, note, as_json)


@sharing.command()
def audit(
    partner: Only = None,
    config: Config = DEFAULT,
    verdict: Annotated[
        Optional[list[ShareVerdict]], typer.Option(help="Only entries of this kind; may be given several times.")
    ] = None,
    as_partner: Annotated[bool, typer.Option("--as-partner", help="As the partner may read it, with --json.")] = False,
    limit: Annotated[int, typer.Option(min=1, help="So many, the latest.")] = 100,
    as_json: Json = False,
) -> None:
    """List what left to partners, was withheld, taken back or held back, the oldest first."""
    from tandem.sharing import asking
    from tandem.sharing import show as showing

    with told("tandem sharing audit"):
        deployment = opened(config)
        key = _named(deployment, partner) if partner else None
        found = asking.entries(deployment, key, [each.value for each in verdict or ()], limit)
    if as_partner:
        tell({"entries": asking.told_to_partner(found)})
    elif as_json:
        tell({"entries": asking.told_to_us(found)})
    else:
        showing.audit(found)


def _named(deployment: Any, name: str) -> str:
    from tandem.sharing import asking

    return asking.named(deployment.settings, asking.rules(deployment), name)


def _rule(config: Path, ruling: Ruling, partner: str, by: str, note: str, as_json: bool) -> None:
    from tandem.compose import now
    from tandem.sharing import telling

    with told(f"tandem sharing {ruling.value.partition('_')[0]}"):
        deployment = opened(config)
        key = _named(deployment, partner)
        given = telling.rule(deployment, ruling, key, by or getpass.getuser(), note or None, now())
    if as_json:
        typer.echo(given.model_dump_json())
    else:
        typer.echo(
            f"{given.ruling.replace('_', ' ')} of {key}: told as {given.id}; `tandem sharing audit {key}` follows it"
        )
