"""`tandem whitespace`: its commands and their options; what they ask for is imported when it is asked for."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from tandem.errors import told
from tandem.options import DEFAULT, Config, Json, opened

if TYPE_CHECKING:
    from schemas.entities import Account, Overlap
    from tandem.compose import Deployment

whitespace = typer.Typer(
    no_args_is_help=True,
    help="Accounts that a partner has and we lack, and that fit our ideal customer profile.\n\n"
    "`find` compares two lists, `list` asks the ledger of a deployment, `preview` says what another profile would change. "
    "Which rows are named is up to what the partner shows us, by sharing.toml; the rest is counted.",
)
Ours = Annotated[Path, typer.Argument(metavar="OURS", help="Our accounts, as for `tandem map`.", show_default=False)]
Theirs = Annotated[Path, typer.Argument(metavar="PARTNER", help="The partner's accounts.", show_default=False)]
Profile = Annotated[
    Optional[Path],
    typer.Option("--icp", metavar="FILE", help="The ideal customer profile.", show_default="that of the mappings"),
]
Mappings = Annotated[
    Optional[Path],
    typer.Option(
        "--mappings", metavar="FOLDER", help="Where icp.toml and sharing.toml are.", show_default="as shipped"
    ),
]
Partner = Annotated[
    Optional[str],
    typer.Option(
        "--partner", metavar="KEY", help="The partner, as sharing.toml calls it.", show_default="nobody known"
    ),
]
Out = Annotated[
    Optional[str],
    typer.Option("--out", metavar="FILE", help="Write the rows here: .csv, .tsv, .jsonl or .parquet; - is stdout."),
]
Top = Annotated[int, typer.Option("--top", min=0, help="So many rows are shown.")]


@whitespace.command("find")
def find(
    ours: Ours,
    partner_list: Theirs,
    partner: Partner = None,
    icp: Profile = None,
    mappings: Mappings = None,
    out: Out = None,
    top: Top = 20,
    as_json: Json = False,
) -> None:
    """Say which accounts of a partner's list we lack and want, the best first, and why."""
    from tandem.whitespace.job import Wanted, of_lists
    from tandem.whitespace.rules import gate, profile

    with told("tandem whitespace find"):
        rules = profile(icp, mappings)
        of_lists(ours, partner_list, rules, gate(partner, mappings), Wanted(out, top, as_json))


@whitespace.command("list")
def of_ledger(
    partner: Annotated[str, typer.Argument(help="The partner, by its key or name.", show_default=False)],
    config: Config = DEFAULT,
    icp: Profile = None,
    out: Out = None,
    top: Top = 20,
    as_json: Json = False,
) -> None:
    """Say the same of a running deployment: what its ledger knows of the partner's accounts and of the overlaps.

    What changed after the ledger was last fed is not in it; `tandem status` says how far it is.
    """
    from streams.ecosystem.whitespace import white
    from tandem.sharing.asking import named, rules, standing
    from tandem.whitespace.job import Wanted, tell
    from tandem.whitespace.ledgers import ours_of
    from tandem.whitespace.rules import profile

    with told("tandem whitespace list"):
        deployment = opened(config)
        key, wanted = named(deployment.settings, rules(deployment), partner), profile(icp, deployment.settings.mappings)
        gate = standing(deployment, key).gate
        theirs, overlaps = _asked(deployment, key)
        tell(white(theirs.items(), ours_of(overlaps), wanted, gate), wanted, gate, Wanted(out, top, as_json))


@whitespace.command("preview")
def preview(
    icp: Annotated[Path, typer.Option("--icp", metavar="FILE", help="The new profile.", show_default=False)],
    ours: Annotated[
        Optional[Path],
        typer.Argument(metavar="OURS", help="Our accounts, as for `tandem map`.", show_default="those of the ledger"),
    ] = None,
    mappings: Mappings = None,
    config: Config = DEFAULT,
    top: Top = 20,
    as_json: Json = False,
) -> None:
    """Say how many of our accounts change band with a new profile, and which change most. Changes nothing.

    The profile of today is that of --mappings, or of the deployment where no list is named. To go back to a former profile,
    put its file back.
    """
    from tandem.whitespace.job import Wanted, accounts_of, previewed
    from tandem.whitespace.rules import profile

    with told("tandem whitespace preview"):
        new, wanted = profile(icp, mappings), Wanted(None, top, as_json)
        if ours is not None:
            previewed(accounts_of(ours), profile(None, mappings), new, wanted)
            return
        deployment = opened(config)
        accounts, _ = _asked(deployment, None)
        previewed(accounts, profile(None, mappings or deployment.settings.mappings), new, wanted)


def _asked(deployment: "Deployment", partner: str | None) -> "tuple[Mapping[str, Account], list[Overlap]]":
    """The accounts of a partner, or ours, and the overlaps with it. Raises `ConfigError` where there is no ledger."""
    from tandem.ledger import whitespace as ledger
    from tandem.ledger.running import Ledger

    with Ledger(deployment).asking() as asked:
        if partner is None:
            return ledger.accounts(asked, "us"), []
        return ledger.accounts(asked, f"partner:{partner}"), ledger.overlaps(asked, partner)
