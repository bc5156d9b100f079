"""`tandem blind`: what each command takes and says; the work is done beside it."""

import json
from pathlib import Path
from typing import Annotated, Optional

import typer

from tandem.blind.options import GUESSED, Columns, Delimiter, Encoding, SheetName
from tandem.errors import told
from tandem.options import Json

MOST_ROWS = 2_000_000

blind = typer.Typer(
    no_args_is_help=True,
    help="Find overlaps through a hub that cannot read the lists: each side sends keyed tokens, the hub holds no key.\n\n"
    "Both sides share one key file ([bold]key[/bold]). Each makes its own [bold]tokens[/bold] and may [bold]send[/bold] "
    "them to a hub that [bold]receive[/bold]s; the hub [bold]join[/bold]s two files; each side "
    "[bold]open[/bold]s its own result. [bold]compare[/bold] says what that costs in recall.",
)

KeyFile = Annotated[Path, typer.Option("--key", metavar="FILE", help="The partnership's key.", show_default=False)]
SecretFile = Annotated[
    Path, typer.Option("--secret", metavar="FILE", help="The secret of the connection.", show_default=False)
]
MostRows = Annotated[int, typer.Option("--most-rows", min=1, help="Refuse a list with more rows.")]


@blind.command("key")
def make_key(
    path: Annotated[Path, typer.Argument(metavar="FILE", help="Where to write it.", show_default=False)],
    name: Annotated[str, typer.Option("--id", help="What both sides call the partnership.")] = "partnership",
    follows: Annotated[
        Optional[Path], typer.Option("--next-of", metavar="FILE", help="Rotate: make the next version of this key.")
    ] = None,
) -> None:
    """Make a partnership's key. One side makes it and hands it to the other by a safe way; the hub never gets it."""
    import secrets

    from tandem.blind.keys import SIZE, Key, read_key, rotated, write_key

    with told("tandem blind key"):
        secret = secrets.token_bytes(SIZE)
        key = rotated(read_key(follows), secret) if follows else Key(name, 1, secret)
        write_key(path, key)
    typer.echo(f"{path} holds the key {key.name}. Give it to your partner by a safe way, and to nobody else.")


@blind.command("tokens")
def make_tokens(  # noqa: PLR0913, PLR0917 - each is an option
    path: Annotated[
        Path,
        typer.Argument(metavar="LIST", help="Your accounts: any file that `tandem map` reads.", show_default=False),
    ],
    key: KeyFile,
    out: Annotated[
        Path, typer.Option("--out", metavar="FILE", help="The tokens: .jsonl or .parquet.", show_default=False)
    ],
    ids: Annotated[
        Optional[Path],
        typer.Option("--ids", metavar="FILE", help="Which row is which id: keep it.", show_default="OUT.ids.csv"),
    ] = None,
    populations: Annotated[
        bool, typer.Option("--share-population", help="Tell customer, open opportunity or prospect of each row.")
    ] = False,
    columns: Columns = None,
    encoding: Encoding = GUESSED,
    delimiter: Delimiter = None,
    sheet: SheetName = None,
    as_json: Json = False,
) -> None:
    """Turn a list into tokens, here. Only the file of --out is for others: it holds no name, domain, place or id."""
    import secrets

    from tandem.blind import show
    from tandem.blind.edge import made
    from tandem.blind.keys import read_key
    from tandem.blind.lists import ListAsked, accounts_of, read_list
    from tandem.blind.results import write_ids
    from tandem.blind.tokenfile import checked_name, write_tokens

    with told("tandem blind tokens"):
        checked_name(out)
        secret = read_key(key)
        found = read_list(ListAsked(path, "list", columns or (), encoding, delimiter, sheet))
        told_of = [str(each) for each in found.populations] if populations else ()
        tokens = made(accounts_of(found), secret, secrets.token_bytes(32), told_of)
        beside = ids or out.with_name(f"{out.name}.ids.csv")
        write_ids(beside, tokens.ids)
        write_tokens(out, tokens.tokens)
    show.tokens(tokens.tokens, len(found.refused), out, beside, as_json)


@blind.command("send")
def send_tokens(
    path: Annotated[Path, typer.Argument(metavar="TOKENS", help="Your token file.", show_default=False)],
    url: Annotated[str, typer.Argument(metavar="URL", help="Where the hub receives.", show_default=False)],
    partner: Annotated[str, typer.Option("--as", metavar="NAME", help="As the hub knows you.", show_default=False)],
    secret: SecretFile,
    ca: Annotated[Optional[Path], typer.Option(metavar="FILE", help="Trust this certificate (PEM) too.")] = None,
    as_json: Json = False,
) -> None:
    """Send your token file to the hub, in place of your last one."""
    from tandem.blind.carrying import send
    from tandem.psi.wire import Connection, read_secret

    with told("tandem blind send"):
        taken = send(path, Connection(url, read_secret(secret, make=False), ca), partner, MOST_ROWS)
    if as_json:
        typer.echo(json.dumps(taken))
    else:
        typer.echo(f"the hub has taken {taken.get('rows'):,} rows with {taken.get('new'):,} new tokens.")


@blind.command("receive")
def receive_tokens(  # noqa: PLR0913, PLR0917 - each is an option
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Where to keep the lists.", show_default=False)],
    secret: SecretFile,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Listen there; 0: any.")] = 8766,
    host: Annotated[str, typer.Option(help="Listen there; 0.0.0.0 for every address.")] = "127.0.0.1",
    most_rows: MostRows = MOST_ROWS,
    most_megabytes: Annotated[int, typer.Option(min=1, help="Refuse a larger file.")] = 512,
    lists_a_day: Annotated[int, typer.Option(min=1, help="Take so many lists of a partner in a day.")] = 24,
    new_share: Annotated[
        float, typer.Option(min=0, max=1, help="Refuse a list of which more than this share is new since the last.")
    ] = 0.2,
    tls_cert: Annotated[Optional[Path], typer.Option(metavar="FILE", help="Receive over HTTPS with this PEM.")] = None,
    tls_key: Annotated[Optional[Path], typer.Option(metavar="FILE", help="Its private key.")] = None,
) -> None:
    """Take token files in at the hub, until stopped: a line of JSON for each, which also stands in FOLDER/audit.jsonl."""
    from tandem.blind.carrying import Receiving, receive
    from tandem.blind.receiving import Caps, Inbox
    from tandem.compose import now
    from tandem.psi.wire import certified, read_secret
    from tandem.signals import stop_on_signals

    with told("tandem blind receive"):
        certificate = certified(tls_cert, tls_key)
        caps = Caps(most_rows, lists_a_day, new_share)
        asked = Receiving((host, port), read_secret(secret, make=True), most_megabytes << 20, certificate)
        receive(Inbox(folder, caps, now, typer.echo), asked, stop_on_signals())


@blind.command("join")
def join_tokens(
    ours: Annotated[Path, typer.Argument(metavar="OURS", help="Our token file.", show_default=False)],
    partner: Annotated[Path, typer.Argument(metavar="PARTNER", help="The partner's.", show_default=False)],
    ours_out: Annotated[
        Optional[str], typer.Option("--ours-out", metavar="FILE", help="For us: our rows that match. .csv or .jsonl.")
    ] = None,
    partner_out: Annotated[
        Optional[str], typer.Option("--partner-out", metavar="FILE", help="For the partner: its rows that match.")
    ] = None,
    linked_only: Annotated[bool, typer.Option("--linked-only", help="Leave out what a person must confirm.")] = False,
    most_rows: MostRows = MOST_ROWS,
    as_json: Json = False,
) -> None:
    """Join two token files, with no key: which rows are one company, how sure that is, and by which types of tokens."""
    from tandem.blind import show
    from tandem.blind.agreement import weights
    from tandem.blind.join import join
    from tandem.blind.results import RESULT, of_side
    from tandem.blind.tokenfile import read_tokens
    from tandem.mapping.writing import target, write

    with told("tandem blind join"):
        taken = [ours, partner]
        where = {
            option: target(file, option, taken)
            for option, file in (("--ours-out", ours_out), ("--partner-out", partner_out))
            if file is not None
        }
        mine, other = read_tokens(ours, most_rows), read_tokens(partner, most_rows)
        by = weights()
        found = list(join(mine, other, by, by.linked if linked_only else by.shown))
        for option, file in where.items():
            sides = (mine, other) if option == "--ours-out" else (other, mine)
            write(file, RESULT, of_side(found, *sides, ours=option == "--ours-out"))
    show.joined(found, mine, other, as_json)


@blind.command("open")
def open_result(
    result: Annotated[Path, typer.Argument(metavar="RESULT", help="Your side's CSV of a join.", show_default=False)],
    ids: Annotated[
        Path, typer.Option("--ids", metavar="FILE", help="What was written beside your tokens.", show_default=False)
    ],
    out: Annotated[str, typer.Option("--out", metavar="FILE", help=".csv, .jsonl, .parquet, or - for stdout.")] = "-",
) -> None:
    """Put your own ids into your side's result: which of your accounts the partner has too."""
    from tandem.blind.results import RESULT, opened, read_ids
    from tandem.mapping.writing import target, write

    with told("tandem blind open"):
        rows = opened(result, read_ids(ids))
        write(target(out, "--out", [result, ids]), {"id": "text", **dict.fromkeys(RESULT, "text")}, rows)


@blind.command("compare")
def compare_ways(
    ours: Annotated[Path, typer.Argument(metavar="OURS", help="Our accounts.", show_default=False)],
    partner: Annotated[Path, typer.Argument(metavar="PARTNER", help="The partner's accounts.", show_default=False)],
    gold: Annotated[
        Optional[Path], typer.Option(metavar="FILE", help="Known pairs: adds precision, recall and F1.")
    ] = None,
    ignore: Annotated[Optional[Path], typer.Option(metavar="FILE", help="Pairs that shall count neither way.")] = None,
    our_columns: Annotated[
        Optional[list[str]], typer.Option("--ours-column", metavar="FIELD=COLUMN", help="A column of ours.")
    ] = None,
    their_columns: Annotated[
        Optional[list[str]], typer.Option("--partner-column", metavar="FIELD=COLUMN", help="One of the partner's.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Measure what blindness costs: two lists in the clear and by tokens, side by side. Sends and writes nothing."""
    import secrets
    from dataclasses import asdict

    from tandem.blind import show
    from tandem.blind.compare import compare
    from tandem.blind.lists import ListAsked, read_list
    from tandem.mapping.known import read_pairs
    from tandem.settings import ConfigError

    with told("tandem blind compare"):
        if ignore and not gold:
            raise ConfigError("--ignore is for measuring. Remedy: give --gold too")
        mine = read_list(ListAsked(ours, "ours", our_columns or ()))
        other = read_list(ListAsked(partner, "partner", their_columns or ()))
        known = read_pairs(gold, mine, other).pairs if gold else None
        ignored = read_pairs(ignore, mine, other).pairs if ignore else frozenset()
        lines = compare(mine, other, secrets.token_bytes(32), known, ignored)
    if as_json:
        typer.echo(json.dumps({"ways": [asdict(line) for line in lines]}))
    else:
        show.compared(lines)
