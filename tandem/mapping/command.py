"""`tandem map`: its options; what they ask for is imported when it is asked for, so that other commands start fast."""

from pathlib import Path
from typing import Annotated

import typer

from tandem.errors import told

UTF8 = "utf-8-sig"

Ours = Annotated[
    Path, typer.Argument(metavar="OURS", help="Our accounts: CSV, JSON Lines or Parquet.", show_default=False)
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
Least = Annotated[float, typer.Option("--min-confidence", min=0, max=1, help="Leave less sure pairs out.")]
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
Encoding = Annotated[str, typer.Option(metavar="NAME", help="As Python names it, often cp1252.")]
Delimiter = Annotated[str | None, typer.Option(metavar="CHAR", help="Of a CSV.", show_default="guessed")]


def map_lists(  # noqa: PLR0913, PLR0917 - each is an option
    ours: Ours,
    partner: Theirs,
    out: Out = None,
    ours_column: OurColumns = None,
    partner_column: TheirColumns = None,
    rejected: Rejected = None,
    min_confidence: Least = 0.5,
    as_json: AsJson = False,
    explain: Explain = None,
    gold: Gold = None,
    ignore: Ignore = None,
    ours_encoding: Encoding = UTF8,
    partner_encoding: Encoding = UTF8,
    ours_delimiter: Delimiter = None,
    partner_delimiter: Delimiter = None,
) -> None:
    """Compare two lists of accounts, with no broker: who is in both, how sure that is, and why.

    Columns are guessed from their names, and shown. It is the matcher of the streams: the same two lists give the same
    overlaps there.
    """
    from tandem.mapping.job import Asked, run

    with told("tandem map"):
        run(
            Asked(
                ours,
                partner,
                out,
                ours_column,
                partner_column,
                rejected,
                min_confidence,
                as_json,
                explain,
                gold,
                ignore,
                ours_encoding,
                partner_encoding,
                ours_delimiter,
                partner_delimiter,
            )
        )
