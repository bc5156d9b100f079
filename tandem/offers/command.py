"""`tandem offers`: what each command about private offers takes and says; asking and telling are done beside it."""

import getpass
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Optional

import typer

from schemas.marketplace import OfferState
from schemas.messages import Ruling
from tandem.answering import known, ledger_of, tell
from tandem.errors import told
from tandem.options import DEFAULT, Config, Json, opened

offers = typer.Typer(
    no_args_is_help=True,
    help="Follow the private offers of deals, and tell what only a person can: approve, link, extend, cancel.\n\n"
    "`list` shows every deal with a private offer or a co-sell opportunity, `show` one of them with all that it is tied "
    "to, `unlinked` the offers that somebody made by hand and that are no deal's yet.\n\n"
    "A deal is named by its id in the CRM, by the id of its offer, agreement or AWS opportunity, or as "
    "connection/deal/id. What you rule is an event: it is kept with your name, shown by `tandem trace`, and holds after a "
    "rebuild.",
)
STATES = [*(each.value for each in OfferState), "none"]
Deal = Annotated[str, typer.Argument(help="The deal, by its id or as connection/deal/id.", show_default=False)]
OfferName = Annotated[str, typer.Argument(metavar="OFFER", help="The offer, by its id.", show_default=False)]
InvitationName = Annotated[
    str, typer.Argument(metavar="INVITATION", help="The invitation, by its id.", show_default=False)
]
By = Annotated[str, typer.Option("--by", help="Who says so.", show_default="the user of this machine")]
Note = Annotated[str, typer.Option("--note", help="Why, to be read later.", show_default=False)]


@offers.command("list")
def list_offers(
    config: Config = DEFAULT,
    state: Annotated[
        Optional[list[str]],
        typer.Option(help=f"Only those in this state; may be given several times. One of {', '.join(STATES)}."),
    ] = None,
    problem: Annotated[
        bool, typer.Option("--problem", help="Only those in which a seller has to correct something.")
    ] = False,
    waiting: Annotated[bool, typer.Option("--waiting", help="Only those that wait for approval.")] = False,
    as_json: Json = False,
) -> None:
    """List the deals with a private offer or a co-sell opportunity, those that need somebody first."""
    from tandem.ledger import offers
    from tandem.offers import show

    if wrong := [each for each in state or [] if each not in STATES]:
        raise typer.BadParameter(f"no state is called {wrong[0]!r}; there are {', '.join(STATES)}")
    with told("tandem offers"), ledger_of(config) as asked:
        found = offers.chains(asked, state or (), problem=problem, waiting=waiting)
    filtered = bool(state or problem or waiting)
    tell({"offers": [asdict(it) for it in found]}) if as_json else show.chains(found, filtered)


@offers.command("show")
def show_offer(
    name: Annotated[
        str,
        typer.Argument(help="A deal, an offer, an agreement or an AWS opportunity, by its id.", show_default=False),
    ],
    config: Config = DEFAULT,
    as_json: Json = False,
) -> None:
    """Show one deal with its offer, agreements and opportunity, what has to be done, and what has happened.

    Exit code 1 when nothing is known of it.
    """
    from tandem.ledger import offers
    from tandem.offers import show

    with told("tandem offers"), ledger_of(config) as asked:
        found = offers.shown(asked, name)
    tell(asdict(found)) if as_json else show.one(found)


@offers.command("unlinked")
def list_unlinked(config: Config = DEFAULT, as_json: Json = False) -> None:
    """List the offers that somebody made by hand and that are no deal's: proposals with score and reasons, then the rest."""
    from tandem.ledger import offers
    from tandem.offers import show

    with told("tandem offers"), ledger_of(config) as asked:
        found = offers.unlinked(asked)
    tell({"unlinked": [asdict(it) for it in found]}) if as_json else show.unlinked(found)


@offers.command("invitations")
def list_invitations(
    config: Config = DEFAULT,
    every: Annotated[bool, typer.Option("--all", help="Also those that were answered or have expired.")] = False,
    as_json: Json = False,
) -> None:
    """List AWS's invitations into deals of its own that wait for an answer."""
    from tandem.ledger import offers
    from tandem.offers import show

    with told("tandem offers"), ledger_of(config) as asked:
        found = offers.invitations(asked, every=every)
    tell({"invitations": [asdict(it) for it in found]}) if as_json else show.invitations(found)


@offers.command()
def approve(deal: Deal, config: Config = DEFAULT, note: Note = "", by: By = "", as_json: Json = False) -> None:
    """Approve the private offer that a deal asks for; it is made as it was shown to you."""
    _rule(config, Ruling.APPROVE_OFFER, [("deal", deal)], by, as_json, note=note)


@offers.command()
def refuse(
    deal: Deal,
    note: Annotated[str, typer.Option("--note", help="Why; the seller reads it on the deal.", show_default=False)],
    config: Config = DEFAULT,
    by: By = "",
    as_json: Json = False,
) -> None:
    """Refuse the private offer that a deal asks for; nothing is made, and the seller is told why."""
    _rule(config, Ruling.REFUSE_OFFER, [("deal", deal)], by, as_json, note=note)


@offers.command()
def extend(
    deal: Deal,
    until: Annotated[
        datetime,
        typer.Option("--until", formats=["%Y-%m-%d"], help="The new last day to accept it.", show_default=False),
    ],
    config: Config = DEFAULT,
    note: Note = "",
    by: By = "",
    as_json: Json = False,
) -> None:
    """Give the buyer until another day to accept a deal's offer."""
    _rule(config, Ruling.EXTEND_OFFER, [("deal", deal)], by, as_json, until=until.date(), note=note)


@offers.command()
def cancel(deal: Deal, config: Config = DEFAULT, note: Note = "", by: By = "", as_json: Json = False) -> None:
    """Take a deal's offer back before it is accepted. An agreement that holds is not touched."""
    _rule(config, Ruling.CANCEL_OFFER, [("deal", deal)], by, as_json, note=note)


@offers.command()
def link(
    deal: Deal, offer: OfferName, config: Config = DEFAULT, note: Note = "", by: By = "", as_json: Json = False
) -> None:
    """An offer is for a deal: tie them, whatever they look like."""
    _rule(config, Ruling.LINK, [("deal", deal), ("offer", offer)], by, as_json, note=note)


@offers.command()
def unlink(
    deal: Deal, offer: OfferName, config: Config = DEFAULT, note: Note = "", by: By = "", as_json: Json = False
) -> None:
    """An offer is not for a deal: part them, and never tie them again. The offer itself stays as it is."""
    _rule(config, Ruling.UNLINK, [("deal", deal), ("offer", offer)], by, as_json, note=note)


@offers.command()
def accept(
    invitation: InvitationName, config: Config = DEFAULT, note: Note = "", by: By = "", as_json: Json = False
) -> None:
    """Accept AWS's invitation: the opportunity becomes a deal in the CRM."""
    _rule(config, Ruling.ACCEPT_INVITATION, [("cosell_invitation", invitation)], by, as_json, note=note)


@offers.command()
def reject(
    invitation: InvitationName, config: Config = DEFAULT, note: Note = "", by: By = "", as_json: Json = False
) -> None:
    """Decline AWS's invitation."""
    _rule(config, Ruling.REJECT_INVITATION, [("cosell_invitation", invitation)], by, as_json, note=note)


def _rule(
    config: Path,
    ruling: Ruling,
    records: list[tuple[str, str]],
    by: str,
    as_json: bool,
    *,
    until: Any = None,
    note: str = "",
) -> None:
    from tandem.compose import now
    from tandem.offers.telling import Word, rule

    with told(f"tandem offers {ruling.split('_')[0]}"), known():
        given = rule(opened(config), Word(ruling, records, by or getpass.getuser(), until, note or None), now())
    what = ruling.replace("_", " ")
    typer.echo(given.model_dump_json() if as_json else f"{what} {' '.join(given.refs)}: told as {given.id}")
