"""`tandem map`: its options; what they ask for is imported when it is asked for, so that other commands start fast."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from tandem.errors import told


class Rows(StrEnum):
    """What `--report-rows` takes."""

    OVERLAPS = "overlaps"
    NONE = "none"


Ours = Annotated[
    Path,
    typer.Argument(metavar="OURS", help="Our accounts: CSV, Excel, ODS, JSON Lines or Parquet.", show_default=False),
]
Theirs = Annotated[Path, typer.Argument(metavar="PARTNER", help="The partner's accounts.", show_default=False)]
Out = Annotated[
    str | None,
    typer.Option(
        metavar="FILE",
        help="Write the overlaps here: .csv, .tsv, .jsonl or .parquet by the name, - for CSV on stdout. In a CSV an "
        "apostrophe goes before a cell that a spreadsheet would take for a formula.",
    ),
]
OurColumns = Annotated[
    list[str] | None,
    typer.Option("--ours-column", metavar="FIELD=COLUMN", help="A column of ours, as name=Company. Repeatable."),
]
TheirColumns = Annotated[
    list[str] | None,
    typer.Option("--partner-column", metavar="FIELD=COLUMN", help='One of the partner\'s, as id="Account ID".'),
]
Rejected = Annotated[
    str | None, typer.Option(metavar="FILE", help="Write the rows that cannot be used here, each with its remedy.")
]
Least = Annotated[
    float | None,
    typer.Option(
        "--min-confidence", min=0, max=1, help="Leave less sure pairs out.", show_default="as a deployment does"
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object on stdout instead of tables.")]
Explain = Annotated[
    tuple[str, str] | None,
    typer.Option(metavar="OUR_ID PARTNER_ID", help="Say why these two are an overlap or not, and nothing else."),
]
Gold = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Known pairs, our id and the partner's: adds precision, recall and F1."),
]
Ignore = Annotated[Path | None, typer.Option(metavar="FILE", help="Pairs that shall count neither way.")]
Encoding = Annotated[str, typer.Option(metavar="NAME", help="As Python names it, as cp1252.")]
Delimiter = Annotated[str | None, typer.Option(metavar="CHAR", help="Of a CSV.", show_default="guessed")]
SheetName = Annotated[
    str | None, typer.Option(metavar="NAME", help="Of a workbook.", show_default="the one that looks like accounts")
]
Report = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE.html",
        help="Write a page that can be sent to the partner: only what sharing.toml lets out, of overlaps only.",
    ),
]
ReportRows = Annotated[Rows, typer.Option(help="What the page has besides figures.")]
OurName = Annotated[str | None, typer.Option(metavar="TEXT", help="What we are called there.", show_default="Ours")]
PartnerName = Annotated[
    str | None,
    typer.Option(
        metavar="TEXT", help="What the partner is called there, and in sharing.toml.", show_default="its file's name"
    ),
]
Sharing = Annotated[
    Path | None, typer.Option(metavar="FOLDER", help="Where our own sharing.toml lies.", show_default="as shipped")
]

ModelFile = Annotated[
    Path | None,
    typer.Option(
        "--model", metavar="FILE", help="The matcher's numbers, by `tandem model train`.", show_default="as shipped"
    ),
]


def map_lists(  # noqa: PLR0913, PLR0917 - each is an option
    ours: Ours,
    partner: Theirs,
    out: Out = None,
    report: Report = None,
    report_rows: ReportRows = Rows.OVERLAPS,
    ours_column: OurColumns = None,
    partner_column: TheirColumns = None,
    rejected: Rejected = None,
    min_confidence: Least = None,
    as_json: AsJson = False,
    explain: Explain = None,
    gold: Gold = None,
    ignore: Ignore = None,
    ours_encoding: Encoding = "guessed",
    partner_encoding: Encoding = "guessed",
    ours_delimiter: Delimiter = None,
    partner_delimiter: Delimiter = None,
    ours_sheet: SheetName = None,
    partner_sheet: SheetName = None,
    ours_name: OurName = None,
    partner_name: PartnerName = None,
    sharing: Sharing = None,
    model: ModelFile = None,
) -> None:
    """Compare two lists of accounts, with no broker: who is in both, how sure that is, and why.

    Any spreadsheet export will do: encoding, separator, sheet and columns are guessed, and shown. It is the matcher of
    the streams: the same two lists give the same overlaps there.
    """
    from tandem.mapping.job import Asked, Given, run
    from tandem.mapping.paged import Paged

    page = Paged(report, report_rows is Rows.OVERLAPS, ours_name, partner_name, sharing) if report else None
    mine = Given(ours, ours_column, ours_encoding, ours_delimiter, ours_sheet)
    other = Given(partner, partner_column, partner_encoding, partner_delimiter, partner_sheet)
    with told("tandem map"):
        run(Asked(mine, other, out, rejected, min_confidence, as_json, explain, gold, ignore, page, model))
