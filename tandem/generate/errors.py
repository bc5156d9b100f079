"""The reference page of exit codes, errors and what to do about them; it never handles one."""

import re
import tomllib
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from connectors.errors import ConnectorError
from tandem.errors import EXIT_CODES, FAILED, FENCED, NEEDS_A_PERSON
from tandem.generate.markdown import code, codes, table
from tandem.generate.markdown import page as a_page

EXITS = {
    0: "All is well, or it was told to stop.",
    FAILED: "It failed, and starting it again may help: `tandem up` does.",
    2: "The command line could not be read.",
    NEEDS_A_PERSON: "A person must mend something first; `tandem up` leaves it down and the rest goes on.",
    FENCED: "Another instance of the same name has taken over, or the broker gave a transaction up; `tandem up` starts it again.",
}
PLAIN = {
    "PartnerStack": "partnerstack",
    "Crossbeam": "crossbeam",
    "Moodle": "moodle",
    "Skilljar": "skilljar",
    "A learning record store": "xapi",
}
WORDS = """\
What Tandem does about an error code of {vendor}, and what a person can do. A code that is in no table is parked{more}.
Dead letters carry the code, {vendor}'s own words and the remedy."""


def page() -> str:
    """Exit codes, the errors at the edges, the table of each vendor."""
    return a_page(
        "Errors",
        "`tandem/errors.py`, `connectors/errors.py` and the `dispositions.toml` of each connector",
        "## Exit codes",
        table(("Code", "Meaning", "Errors"), [(str(value), words, _raised(value)) for value, words in EXITS.items()]),
        "## At the edges",
        table(("Error", "Meaning"), [(code(kind.__name__), _doc(kind)) for kind in ConnectorError.__subclasses__()]),
        "## Salesforce",
        WORDS.format(vendor="Salesforce", more="; a `*` at the end stands for any rest"),
        *_salesforce(),
        "## HubSpot",
        WORDS.format(vendor="HubSpot", more=", any answer of 500 and above is tried again"),
        *_hubspot(),
        "## AWS",
        WORDS.format(vendor="AWS", more="; any answer of 500 and above is tried again"),
        *_aws(),
        *(block for vendor, name in PLAIN.items() for block in _plain(vendor, name)),
    )


def _raised(exit_code: int) -> str:
    return codes(kind.__name__ for kind, value in EXIT_CODES.items() if value == exit_code)


def _doc(kind: type[Exception]) -> str:
    return " ".join((kind.__doc__ or "").split())


def _salesforce() -> list[str]:
    text, data = _table("salesforce")
    special = [
        (code(each["code"]), " or ".join(map(code, each["says"])), code(each["recovery"]), each["remedy"])
        for each in data.pop("unless")
    ]
    return [
        *_recoveries(text, data),
        "A code means something else when its message holds one of these:",
        table(("Code", "Message holds", "Recovery", "Remedy"), special),
    ]


def _hubspot() -> list[str]:
    text, data = _table("hubspot")
    special = [(code(each["words"]), code(each["code"])) for each in data.pop("says")]
    return [
        *_recoveries(text, data),
        "What HubSpot says in words only:",
        table(("Message holds", "Stands for the code"), special),
    ]


def _aws() -> list[str]:
    text, data = _table("aws")
    special = [
        (code(each["service"]), code(each["code"]), code(each["recovery"]), each["remedy"])
        for each in data.pop("unless")
    ]
    return [
        *_recoveries(text, data),
        "A code means something else in one service:",
        table(("Service", "Code", "Recovery", "Remedy"), special),
    ]


def _plain(vendor: str, name: str) -> list[str]:
    text, data = _table(name)
    extra = data.pop("says", [])  # a vendor's words that stand for a code
    said = [table(("Message holds", "Stands for the code"), [(code(it["words"]), code(it["code"])) for it in extra])]
    more = "; any answer of 500 and above is tried again"
    return [f"## {vendor}", WORDS.format(vendor=vendor, more=more), *_recoveries(text, data), *(said if extra else [])]


def _table(vendor: str) -> tuple[str, dict[str, Any]]:
    text = files(f"connectors.{vendor}").joinpath("dispositions.toml").read_text("utf-8")
    return text, tomllib.loads(text)


def _recoveries(text: str, data: Mapping[str, Mapping[str, str]]) -> list[str]:
    # What a recovery means stands once, as the comment behind its table's name.
    meaning = dict(re.findall(r"^\[(\w+)\]\s*#\s*(.+)$", text, re.MULTILINE))
    rows = [
        (code(vendor_code), code(recovery), remedy)
        for recovery, remedies in data.items()
        for vendor_code, remedy in remedies.items()
    ]
    return [
        table(("Recovery", "When"), [(code(recovery), meaning[recovery]) for recovery in data]),
        table(("Code", "Recovery", "Remedy"), rows),
    ]
