"""Which partners at Crossbeam are whose: names and uuids to keys, and who is left out, said once; it asks nobody."""

import logging
from collections.abc import Iterable, Mapping, Sequence

from connectors.crossbeam.client import PartnerOrg

log = logging.getLogger(__name__)


class Partners:
    """The mapped partners of one organization; `mapped` is name or uuid to key."""

    def __init__(self, mapped: Mapping[str, str]) -> None:
        self._mapped = {name.casefold(): key for name, key in mapped.items()}
        self._told: set[str] = set()

    def key(self, *names: object) -> str | None:
        """The key of a partner by its uuid or name; None for one that is not mapped."""
        found = (self._mapped.get(str(name).casefold()) for name in names if name is not None)
        return next((key for key in found if key is not None), None)

    def known(self, every: Iterable[PartnerOrg]) -> Mapping[str, str]:
        """Uuid to key of the partners that are mapped."""
        keys = {each.uuid: self.key(each.uuid, each.name) for each in every}
        return {uuid: key for uuid, key in keys.items() if key is not None}

    def missing(self, every: Sequence[PartnerOrg]) -> list[str]:
        """Names in the settings that no partner has."""
        there = {name.casefold() for each in every for name in (each.uuid, each.name)}
        return sorted(set(self._mapped) - there)

    def left_out(self, names: Iterable[str]) -> str:
        """What is to be said of partners that are not mapped, and was not said before; empty for nothing."""
        new = sorted(set(names) - self._told)
        if not new:
            return ""
        self._told.update(new)
        note = f"left out, since `partners` does not name them: {', '.join(new)}"
        log.warning("crossbeam: %s", note)
        return note
