"""CSV as Bulk API 2.0 reads and writes it: delimiters and line endings by name, every value quoted; no rule of a row."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date, datetime

from ..errors import SalesforceError
from ..metadata.model import FieldDef, Value
from ..times import parse_date, parse_datetime

DELIMITERS = {"COMMA": ",", "TAB": "\t", "SEMICOLON": ";", "PIPE": "|", "CARET": "^", "BACKQUOTE": "`"}
LINE_ENDINGS = {"LF": "\n", "CRLF": "\r\n"}
NULL = "#N/A"
_XSD = {"int": "int", "double": "double", "currency": "double", "percent": "double", "boolean": "boolean",
        "date": "date", "datetime": "dateTime"}  # fmt: skip
_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}


class BadTableError(Exception):
    """A file that fails its job as a whole; the message is the job's `errorMessage`."""


class Table:
    """The rows of an uploaded file. `header_line` is the first line as it was sent: results repeat it unchanged."""

    def __init__(self, raw: bytes, delimiter: str, line_ending: str) -> None:
        text = _text(raw)
        self.header_line, found, _ = text.partition("\n")
        ending = "CRLF" if self.header_line.endswith("\r") else "LF"
        # Recorded: "ClientInputError : LineEnding is invalid on user data. Current LineEnding setting is LF".
        if found and ending != line_ending:
            raise BadTableError(
                f"ClientInputError : LineEnding is invalid on user data. Current LineEnding setting is {line_ending}"
            )
        self.header_line = self.header_line.rstrip("\r")
        try:
            lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=DELIMITERS[delimiter], strict=True))
        except csv.Error as broken:
            raise BadTableError(f"InvalidBatch : Failed to parse CSV. {broken}") from broken
        if not lines:
            raise BadTableError("ClientInputError : Unable to find any data to create batch")
        self.header, self.rows = lines[0], [line for line in lines[1:] if line]
        for number, line in enumerate(self.rows, 2):
            if len(line) != len(self.header):
                raise BadTableError(
                    f"InvalidBatch : Failed to parse CSV. Row {number} has {len(line)} columns, the header "
                    f"{len(self.header)}"
                )


def _text(raw: bytes) -> str:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as broken:
        raise BadTableError(f"InvalidBatch : Failed to parse CSV. The data is not UTF-8: {broken.reason}") from broken


def write(header_line: str, lines: Iterable[Sequence[str]], delimiter: str, line_ending: str) -> bytes:
    """Every value in quotes, quotes doubled; the header goes in as it is."""
    end = LINE_ENDINGS[line_ending]
    between = DELIMITERS[delimiter]
    quoted = (between.join(quote(value) for value in line) for line in lines)
    return "".join(f"{line}{end}" for line in (header_line, *quoted)).encode()


def quote(value: str) -> str:
    return '"' + value.replace('"', '""') + '"'


def printed(value: Value) -> str:
    """A stored value as a bulk query prints it: null is empty, a datetime ends in .000Z."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%S.000Z")
    return value.isoformat() if isinstance(value, date) else str(value)


def read(field: FieldDef, text: str, column: int) -> object:
    """The JSON value of a cell; raises INVALID_FIELD in the words of a live org (recorded by a public test suite)."""
    try:
        return _converted(field, text.strip())
    except (ValueError, KeyError):
        raise SalesforceError(
            "INVALID_FIELD",
            f"Failed to deserialize field at col {column}. Due to, '{text}' is not a valid value for the type "
            f"xsd:{_XSD[field.type]}",
            [field.name],
        ) from None


def _converted(field: FieldDef, text: str) -> object:
    """Raises ValueError or KeyError for a text that is none of the field's type."""
    if field.type == "boolean":
        return _BOOLEANS[text.lower()]
    if field.type == "int":
        return int(text)
    if field.type in ("double", "currency", "percent"):
        return float(text)
    moment = {"date": parse_date, "datetime": parse_datetime}.get(field.type)
    if moment is not None and moment(text) is None:
        raise ValueError(text)
    return text
