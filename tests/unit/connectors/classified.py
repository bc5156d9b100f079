"""What the tests of a table of dispositions share: the codes as cases, and what a file names."""

import tomllib
from collections.abc import Mapping
from importlib.resources import files

from connectors.dispositions import Disposition, Recovery


def cases(expected: Mapping[Recovery, str]) -> list[tuple[str, Recovery]]:
    """Each code with its recovery; `expected` are codes between blanks."""
    return [(code, recovery) for recovery, codes in expected.items() for code in codes.split()]


def codes_of(package: str) -> set[str]:
    """All codes that the file of a connector names."""
    data = tomllib.loads(files(package).joinpath("dispositions.toml").read_text("utf-8"))
    return {code for codes in data.values() if isinstance(codes, Mapping) for code in codes}


def shows(found: Disposition) -> tuple[Recovery, bool, bool]:
    """Recovery, whether the code is known, and whether a person gets a remedy."""
    return found.recovery, found.known, len(found.remedy) > 10
