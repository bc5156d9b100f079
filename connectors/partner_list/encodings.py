"""Tells the encoding of a text file from its bytes, and how sure that is; it never decodes a row."""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

GUESSED = "guessed"
MARKS = (  # the mark of UTF-32-LE begins with that of UTF-16-LE, so it goes first
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
CHUNK = 1 << 20
LOOKED_AT = 1 << 13  # bytes of lines with odd bytes: enough to tell alphabets apart, and charset-normalizer is slow
DEFAULT = "cp1252"
# What spreadsheets of the last thirty years were saved in. EBCDIC and DOS alphabets decode anything and so win at random.
PLAUSIBLE = [
    "cp1250", "cp1251", "cp1252", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "iso8859_2", "iso8859_15",
    "koi8_r", "mac_roman", "cp932", "gb18030", "big5", "cp949",
]  # fmt: skip
# UTF-8 read as cp1252: a lead byte of a Latin letter, a dash or a quote, and the continuation bytes after it.
_AFTER = "\u0081\u008d\u008f\u0090\u009d€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ\u00a0-\u00bf"
_TWICE = re.compile(f"[ÂÃÄÅ][{_AFTER}]|â[€‚„][{_AFTER}]")
_WORD = re.compile(r"\S*[^\x00-\x7f]\S*")


@dataclass(frozen=True, slots=True)
class Guess:
    """The encoding as Python names it, and in words why."""

    encoding: str
    why: str


def guess(path: Path) -> Guess:
    """What the file is written in: its mark, else UTF-8 if it is that, else the likeliest of the older alphabets."""
    with path.open("rb") as file:
        head = file.read(4096)
    for mark, name in MARKS:
        if head.startswith(mark):
            return Guess(name, "by its byte order mark")
    if wide := _wide(head):
        return Guess(wide, "every other byte is zero")
    fits = _is_utf8(path)
    if fits is not None:
        return Guess("utf-8-sig", "all its bytes are " + ("UTF-8" if fits else "ASCII"))
    return _older(path)


def garbled(cell: str) -> str | None:
    """What a cell was before its UTF-8 was read as cp1252, as "MÃ¼ller" was "Müller"; None if it was not."""
    if cell.isascii() or not _TWICE.search(cell):
        return None
    try:
        meant = b"".join(_byte(character) for character in cell).decode()
    except UnicodeError:
        return None
    return meant if meant.isprintable() else None


def _byte(character: str) -> bytes:
    # Python's cp1252 lacks five bytes that everybody else's passes through.
    return character.encode("latin-1") if character in "\x81\x8d\x8f\x90\x9d" else character.encode("cp1252")


def _wide(head: bytes) -> str | None:
    """UTF-16 without a mark: most of a list is ASCII, of which one byte in two is then zero."""
    even, odd = head[0::2].count(0), head[1::2].count(0)
    half = len(head) // 2
    if half and odd > 0.4 * half and even < 0.1 * half:
        return "utf-16-le"
    return "utf-16-be" if half and even > 0.4 * half and odd < 0.1 * half else None


def _is_utf8(path: Path) -> bool | None:
    """Whether a file of UTF-8 has more than ASCII in it; None if it is no UTF-8. Reads it all: one umlaut may be last."""
    decoder, more = codecs.getincrementaldecoder("utf-8")(), False
    with path.open("rb") as file:
        try:
            while chunk := file.read(CHUNK):
                if more or not chunk.isascii():
                    more = True
                    decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return None
    return more


def _older(path: Path) -> Guess:
    utf8, others, sample = 0, 0, b""
    for line in _odd_lines(path):
        try:
            line.decode("utf-8")
            utf8 += 1
        except UnicodeDecodeError:
            others += 1
            sample += line if len(sample) < LOOKED_AT else b""
    if utf8 > others:
        return Guess("utf-8-sig", f"{utf8:,} lines are UTF-8 and {others:,} are not")
    name = _alphabet(sample)
    return Guess(name, f"its bytes are no UTF-8; it is read as {_words(sample, name)}")


def _odd_lines(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        yield from (line[:LOOKED_AT] for line in file if not line.isascii())


def _alphabet(sample: bytes) -> str:
    from charset_normalizer import from_bytes  # noqa: PLC0415  its tables take a while to load; most lists are UTF-8

    found = list(from_bytes(sample, cp_isolation=PLAUSIBLE, threshold=0.4, preemptive_behaviour=False))
    best = [each for each in found if (each.chaos, each.coherence) == (found[0].chaos, found[0].coherence)]
    # On a tie Windows' Western alphabet, which nearly all such lists are in.
    if not best or any(DEFAULT in {each.encoding, *each.could_be_from_charset} for each in best):
        return DEFAULT
    return str(best[0].encoding)


def _words(sample: bytes, name: str) -> str:
    words = dict.fromkeys(_WORD.findall(sample.decode(name, "replace")))
    return ", ".join(repr(word.strip('",;|')[:24]) for word in list(words)[:3])
