"""The lines of a text file, decoded one by one so that a bad byte costs one line; it never guesses an encoding."""

import codecs
from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from connectors.errors import BadInput

WIDE_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
REPLACED = "\ufffd"
CHUNK = 1 << 16


@dataclass(frozen=True, slots=True)
class BadByte:
    """A byte that does not decode; `line` counts from 1, `position` from 0 at the start of the file."""

    line: int
    position: int
    byte: int
    encoding: str


class Lines:
    """Iterates a file's lines with their line ends, without the first `skip`. `bad` are the bad bytes since it was
    last cleared, `odd` says whether a character beyond ASCII came since it was last set to False.

    `complete` says whether the last line had a line end, `ended` whether a line was asked for after the last one.
    Raises `BadInput` for bad bytes in an encoding whose lines cannot be told apart before decoding (UTF-16, UTF-32).
    """

    def __init__(self, path: Path, name: str, encoding: str, skip: int = 0) -> None:
        self.bad: list[BadByte] = []
        self.odd, self.complete, self.ended, self.count = False, True, False, 0
        self._path, self._name, self._encoding, self._skip = path, name, encoding, skip

    def __iter__(self) -> Iterator[str]:
        bytewise = "\n".encode(self._encoding).removeprefix(codecs.BOM_UTF8) == b"\n"
        with closing(self._decoded() if bytewise else self._wide()) as lines:
            for line in islice(lines, self._skip, None):
                self.count += 1
                self.complete = line.endswith(("\n", "\r"))
                self.odd = self.odd or not line.isascii()
                yield line
        self.ended = True

    def _decoded(self) -> Generator[str, None, None]:
        position = 0
        with self._path.open("rb") as file:
            for number, line in enumerate(_broken(file), 1):
                if number == 1 and line.startswith(WIDE_MARKS):
                    raise BadInput(f"{self._name} begins with the mark of UTF-16.", "set `encoding` to utf-16")
                try:
                    text = line.decode(self._encoding)
                except UnicodeDecodeError as error:
                    self.bad.append(BadByte(number, position + error.start, line[error.start], self._encoding))
                    text = line.decode(self._encoding, "replace")
                yield text
                position += len(line)

    def _wide(self) -> Generator[str, None, None]:
        try:
            with self._path.open(encoding=self._encoding, newline="") as file:
                yield from file
        except UnicodeError as error:
            reason = f"{self._name} is no {self._encoding} after line {self.count}: {error}."
            raise BadInput(reason, "set `encoding`, or ask for the list as UTF-8") from error


def _broken(file: BinaryIO) -> Iterator[bytes]:
    """The lines; a file whose beginning has CR and no LF at all, as old Macs wrote it, is broken at the CR."""
    head = file.read(CHUNK)
    file.seek(0)
    return _at_returns(file) if b"\r" in head and b"\n" not in head else iter(file)


def _at_returns(file: BinaryIO) -> Iterator[bytes]:
    rest = b""
    while chunk := file.read(CHUNK):
        *whole, rest = (rest + chunk).split(b"\r")
        yield from (line + b"\r" for line in whole)
    if rest:
        yield rest
