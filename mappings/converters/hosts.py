"""Web and mail addresses in one cell as host names, both ways; it keeps no name of a person."""

import re
from typing import ClassVar

from pydantic import JsonValue

from mappings.converters.base import Converter, refuse

_BETWEEN = re.compile(r"[\s;,|<>()\"']+")
_HOST = re.compile(r"(?:[a-z][a-z0-9+.-]*:(?://)?)?(?:[^@/]*@)?([^/:?#@]+\.[^/:?#@]{2,})(?:[/:?#].*)?", re.IGNORECASE)


class Hosts(Converter):
    """Host names, at the vendor one text of web or mail addresses with `;`, `,`, `|` or blanks between them.

    Of a mail address only what is behind the @ is kept. Words without a dot are left out. Round trip: lists of lower
    case host names.
    """

    NAME: ClassVar[str] = "hosts"

    def to_canonical(self, value: object) -> JsonValue:
        """A list of host names, each once."""
        if isinstance(value, (list, tuple)) and all(isinstance(each, str) for each in value):
            value = " ".join(value)
        if not isinstance(value, str):
            raise refuse(value, "text of web or mail addresses")
        found = (_HOST.fullmatch(word.strip(".")) for word in _BETWEEN.split(value))
        return list[JsonValue](dict.fromkeys(match[1].lower() for match in found if match))

    def to_vendor(self, value: JsonValue) -> object:
        """One text."""
        if not isinstance(value, (list, tuple)) or not all(isinstance(each, str) for each in value):
            raise refuse(value, "list of host names")
        return "; ".join(map(str, value))
