"""A list as tokens, in memory and as a file; it knows no key, and never what a token stands for."""

import base64
import binascii
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, TextIO

import numpy as np
from numpy.typing import NDArray

from connectors.errors import BadInput
from streams.matching.tokens import BYTES, MOST_OF_A_TYPE
from tandem.blind.keys import KeyName
from tandem.settings import ConfigError

FORMAT = 1
ENDINGS = (".jsonl", ".ndjson", ".parquet")
META = b"tandem_tokens"
MOST_TYPES = 64  # a bit of one word each in the join
ANEW = "make the tokens anew with `tandem blind tokens`"

Rows = NDArray[np.int32]
Tokens = NDArray[np.uint64]  # of shape (n, 2): the two halves of each token


@dataclass(frozen=True, slots=True)
class Header:
    """What a token file says of itself: with which key and versions it was made, and what was left out of it."""

    key: KeyName
    normaliser: int
    tokens: int
    rows: int
    crowded: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Tokened:
    """A list as tokens. Of each type: the row of each token (positions in `refs`), and the tokens.

    `refs` are opaque and known to the list's owner only; `populations` is empty where they are not shared.
    """

    header: Header
    refs: tuple[str, ...]
    populations: tuple[str, ...]
    types: Mapping[str, tuple[Rows, Tokens]]


def packed(rows: Sequence[int], tokens: Sequence[bytes]) -> tuple[Rows, Tokens]:
    """The tokens of one type as arrays."""
    joined = np.frombuffer(b"".join(tokens), dtype="<u8").reshape(-1, 2)
    return np.asarray(rows, dtype=np.int32), joined


def checked_name(path: Path) -> None:
    """Raises `ConfigError` where the name does not say how to write the file."""
    if path.suffix.lower() not in ENDINGS:
        remedy = f"let it end with one of {', '.join(ENDINGS)}"
        raise ConfigError(f"--out {path}: its name does not say how to write it. Remedy: {remedy}")


def write_tokens(path: Path, listed: Tokened) -> None:
    """As JSON Lines or Parquet, told from the name, whole or not at all. Raises `ConfigError`."""
    checked_name(path)
    beside = path.with_name(f".{path.name}.part")
    try:
        if path.suffix.lower() == ".parquet":
            _write_parquet(beside, listed)
        else:
            with beside.open("w", encoding="utf-8") as file:
                _write_lines(file, listed)
        beside.replace(path)
    except OSError as error:
        raise ConfigError(f"{path} cannot be written: {error.strerror}. Remedy: choose another file") from error
    finally:
        beside.unlink(missing_ok=True)


def read_tokens(path: Path, most_rows: int) -> Tokened:
    """Raises `ConfigError` (no such file) and `BadInput` (no token file, or more rows than are taken)."""
    try:
        found = _read_parquet(path, most_rows) if path.suffix.lower() == ".parquet" else _read_lines(path, most_rows)
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}. Remedy: correct the path") from error
    if len(found.types) > MOST_TYPES:
        raise BadInput(f"{path} has {len(found.types)} types of tokens, {MOST_TYPES} are taken.", ANEW)
    if found.header.rows != len(found.refs):
        reason = f"{path} says that it has {found.header.rows:,} rows and has {len(found.refs):,}."
        raise BadInput(reason, "send the whole file")
    if len(set(found.refs)) != len(found.refs):
        raise BadInput(f"{path} gives two rows one name.", ANEW)
    return found


def _header(text: str | bytes, path: Path, most_rows: int) -> Header:
    try:
        found: Any = json.loads(text)
        if found.pop(META.decode()) != FORMAT:
            raise ValueError
        key = KeyName(str(found["key"]["id"]), int(found["key"]["version"]), str(found["key"]["check"]))
        crowded = {str(kind): int(count) for kind, count in found["crowded"].items()}
        header = Header(key, int(found["normaliser"]), int(found["tokens"]), int(found["rows"]), crowded)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadInput(f"{path} is no token file of this version of Tandem.", ANEW) from error
    if header.rows > most_rows:
        remedy = "agree on a smaller list, or raise --most-rows here"
        raise BadInput(f"{path} has {header.rows:,} rows, and {most_rows:,} are taken.", remedy)
    return header


def _said(header: Header) -> str:
    return json.dumps({META.decode(): FORMAT, **asdict(header)})


def _write_lines(file: TextIO, listed: Tokened) -> None:
    of_rows: list[dict[str, list[str]]] = [{} for _ in listed.refs]
    for kind, (rows, tokens) in listed.types.items():
        raw = tokens.astype("<u8").tobytes()
        for at, row in enumerate(rows.tolist()):
            text = base64.b64encode(raw[at * BYTES : (at + 1) * BYTES]).decode().rstrip("=")
            of_rows[row].setdefault(kind, []).append(text)
    file.write(_said(listed.header) + "\n")
    for at, (ref, tokens_of) in enumerate(zip(listed.refs, of_rows, strict=True)):
        shared = {"population": listed.populations[at]} if listed.populations else {}
        file.write(json.dumps({"row": ref, **shared, "tokens": tokens_of}) + "\n")


def _read_lines(path: Path, most_rows: int) -> Tokened:
    refs: list[str] = []
    populations: list[str] = []
    types: dict[str, tuple[list[int], list[bytes]]] = {}
    with path.open(encoding="utf-8", errors="replace") as file:
        header = _header(file.readline(), path, most_rows)
        for number, line in enumerate(file, 2):
            if len(refs) >= header.rows:
                raise BadInput(f"{path} has more rows than it says.", "send the file as it was written")
            try:
                found = json.loads(line)
                for kind, raw in _tokens_of(found["tokens"]):
                    rows, tokens = types.setdefault(kind, ([], []))
                    rows.append(len(refs))
                    tokens.append(raw)
                refs.append(str(found["row"]))
                populations += [str(found["population"])] if "population" in found else []
            except (ValueError, KeyError, TypeError, AttributeError, binascii.Error) as error:
                raise BadInput(f"{path} line {number} is no row of tokens.", ANEW) from error
    if len(populations) not in {0, len(refs)}:
        raise BadInput(f"{path} gives the population of some rows only.", ANEW)
    arrays = {kind: packed(*found) for kind, found in types.items()}
    return Tokened(header, tuple(refs), tuple(populations), arrays)


def _tokens_of(found: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, bytes]]:
    for kind, texts in found.items():
        if len(texts) > MOST_OF_A_TYPE:
            raise ValueError(kind)
        for text in texts:
            raw = base64.b64decode(text + "==", validate=True)
            if len(raw) != BYTES:
                raise ValueError(kind)
            yield kind, raw


def _write_parquet(path: Path, listed: Tokened) -> None:
    import pyarrow as pa  # type: ignore[import-untyped]  # noqa: PLC0415  a third of a second, for one of two formats
    import pyarrow.parquet as pq  # type: ignore[import-untyped]  # noqa: PLC0415

    columns: dict[str, Any] = {"row": pa.array(listed.refs, pa.string())}
    if listed.populations:
        columns["population"] = pa.array(listed.populations, pa.string())
    for kind, (rows, tokens) in listed.types.items():
        order = np.argsort(rows, kind="stable")
        ends = np.cumsum(np.bincount(rows, minlength=len(listed.refs)), dtype=np.int32)
        raw = pa.py_buffer(tokens[order].astype("<u8").tobytes())
        values = pa.FixedSizeBinaryArray.from_buffers(pa.binary(BYTES), len(rows), [None, raw])
        columns[f"token {kind}"] = pa.ListArray.from_arrays(pa.array(np.concatenate(([0], ends)), pa.int32()), values)
    table = pa.table(columns).replace_schema_metadata({META: _said(listed.header)})
    pq.write_table(table, path, compression="zstd")


def _read_parquet(path: Path, most_rows: int) -> Tokened:
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.parquet as pq  # noqa: PLC0415

    try:
        with pq.ParquetFile(path) as file:
            header = _header((file.schema_arrow.metadata or {}).get(META, b""), path, most_rows)
            if file.metadata.num_rows != header.rows:
                raise BadInput(f"{path} does not have the rows that it says it has.", "send the whole file")
            table = file.read().combine_chunks()
        types = {name.removeprefix("token "): _column(table[name]) for name in table.column_names if " " in name}
        refs = tuple(map(str, table["row"].to_pylist()))
        populations = tuple(map(str, table["population"].to_pylist())) if "population" in table.column_names else ()
    except (pa.ArrowException, KeyError, ValueError) as error:
        raise BadInput(f"{path} is no token file of this version of Tandem.", ANEW) from error
    return Tokened(header, refs, populations, types)


def _column(column: Any) -> tuple[Rows, Tokens]:
    lists = column.combine_chunks()
    lists = lists.chunk(0) if hasattr(lists, "chunk") else lists
    counts = np.diff(lists.offsets.to_numpy())
    if lists.null_count or counts.max(initial=0) > MOST_OF_A_TYPE or lists.type.value_type.byte_width != BYTES:
        raise ValueError("a column of tokens")
    values = lists.flatten()
    raw = values.buffers()[1]
    size = BYTES * len(values)
    start = BYTES * values.offset
    joined = np.frombuffer(raw[start : start + size] if size else b"", dtype="<u8").reshape(-1, 2)
    return np.repeat(np.arange(len(counts), dtype=np.int32), counts), joined
