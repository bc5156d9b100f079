"""The closed vocabulary of two-way converters that a mapping table can name; a converter never looks at another field.

Values that are blank (None or an empty text) never reach a converter: the table keeps them as None in both directions.
"""

from collections.abc import Mapping

from mappings.converters.base import Converter, is_blank
from mappings.converters.hosts import Hosts
from mappings.converters.numbers import Integer, Money, Number, Percent
from mappings.converters.rough import Rough
from mappings.converters.texts import Boolean, Choice, Lines, List, Picks, Text
from mappings.converters.times import Date, DateTime

CONVERTERS: Mapping[str, type[Converter]] = {
    each.NAME: each
    for each in (
        Text,
        Integer,
        Rough,
        Number,
        Money,
        Percent,
        Boolean,
        Date,
        DateTime,
        Choice,
        Lines,
        List,
        Picks,
        Hosts,
    )
}

__all__ = [
    "CONVERTERS",
    "Boolean",
    "Choice",
    "Converter",
    "Date",
    "DateTime",
    "Hosts",
    "Integer",
    "Lines",
    "List",
    "Money",
    "Number",
    "Percent",
    "Picks",
    "Rough",
    "Text",
    "is_blank",
]
