"""`tandem partners`: what each command about partners takes and says; asking and showing are done beside it."""

from dataclasses import asdict
from enum import StrEnum
from typing import Annotated, Optional

import typer

from tandem.answering import ledger_of, tell
from tandem.errors import told
from tandem.options import DEFAULT, Config, Json

partners = typer.Typer(
    no_args_is_help=True,
    help="Look at partners: tier, certifications, leads, registrations, their part in deals, what they are due.\n\n"
    "`list` shows every active partner, `show` one of them with all that is known of it, `notices` what lapses soon or is "
    "late. A partner is named by its key, its name or one of its records.",
)


class About(StrEnum):
    """What a notice can be about."""

    CERTIFICATION = "certification"
    TIER = "tier"
    MILESTONE = "milestone"
    LEAD = "lead"
    REGISTRATION = "registration"


@partners.command("list")
def list_partners(
    config: Config = DEFAULT,
    every: Annotated[bool, typer.Option("--all", help="Also those that are not active.")] = False,
    as_json: Json = False,
) -> None:
    """List the active partners: tier, certified people, open leads, onboarding, and what lapses next."""
    from tandem.ledger import partners
    from tandem.partners import show

    with told("tandem partners"), ledger_of(config) as asked:
        found = partners.lines(asked, every=every)
    tell({"partners": [asdict(it) for it in found]}) if as_json else show.lines(found)


@partners.command("show")
def show_partner(
    name: Annotated[
        str,
        typer.Argument(metavar="PARTNER", help="Its key, its name, or one of its records.", show_default=False),
    ],
    config: Config = DEFAULT,
    limit: Annotated[int, typer.Option(min=1, help="So many leads, registrations and fees, the latest.")] = 20,
    as_json: Json = False,
) -> None:
    """Show one partner: records, people, certifications, onboarding, registrations, leads, attribution by model, fees.

    Exit code 1 when nothing is known of it.
    """
    from tandem.ledger import partners
    from tandem.partners import show

    with told("tandem partners"), ledger_of(config) as asked:
        found = partners.whole(asked, name, limit)
    tell(asdict(found)) if as_json else show.one(found)


@partners.command("notices")
def list_notices(
    config: Config = DEFAULT,
    every: Annotated[bool, typer.Option("--all", help="Also those whose day is over.")] = False,
    partner: Annotated[Optional[str], typer.Option(help="Only those of this partner, by its key.")] = None,
    about: Annotated[Optional[About], typer.Option(help="Only those about this.")] = None,
    as_json: Json = False,
) -> None:
    """List what lapses soon or is late, the first day at the top."""
    from tandem.compose import now
    from tandem.ledger import partners
    from tandem.partners import show

    with told("tandem partners"), ledger_of(config) as asked:
        found = partners.notices(asked, now().date(), every=every, partner=partner, about=about)
    tell({"notices": found}) if as_json else show.notices(found)
