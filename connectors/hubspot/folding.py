"""Writes overlaps into properties of the company, for portals without custom objects; it never writes another record.

`tandem_overlap_data` holds the active overlaps of a company by key, in vendor terms as JSON; `tandem_partner_overlaps`
says the same for people, a line for each. Both are read, changed and written back: HubSpot has no condition for a write,
so only one process may write the overlaps of a portal. An overlap that has ended is taken out.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from connectors.base import Applied, Outcome, Retry
from connectors.hubspot.batches import Batches
from connectors.hubspot.client import Client
from connectors.hubspot.errors import Failure
from connectors.hubspot.objects import ASSOCIATION, ID
from connectors.hubspot.records import BATCH, Records, chunks
from connectors.hubspot.rows import Item, Result, text
from connectors.judging import agrees, overtaken
from mappings.table import EntityMap
from schemas.messages import MatchBy, WriteAction

COMPANIES = "companies"
DATA, SHOWN = "tandem_overlap_data", "tandem_partner_overlaps"
LINK = f"{ASSOCIATION}{COMPANIES}"
NOT_THERE = "the company of the overlap is not there"
PAGE = 200  # records of a search
Overlaps = dict[str, dict[str, str]]  # key to vendor field to text


class Folding:
    """The overlaps of one portal. `index_lag_s` is how late the search may be, which says who holds what."""

    def __init__(
        self, client: Client, records: Records, batches: Batches, clock: Callable[[], datetime], index_lag_s: int
    ) -> None:
        self._client, self._records, self._batches, self._clock = client, records, batches, clock
        self._known: dict[str, str] = {}
        self._learnt: datetime | None = None
        # What was written before this process began may not show in the search until then.
        self._sure_at = clock() + timedelta(seconds=index_lag_s)

    def stored(self, items: Sequence[Item]) -> dict[int, dict[str, Any]]:
        """The overlaps as they stand, in vendor terms, by the index of the item."""
        companies = self._companies(items)
        held = self._held(companies.values())
        found = {}
        for item in items:
            there = held.get(companies.get(item.index, ""), {})
            if item.write.key in there:
                found[item.index] = {**dict.fromkeys(item.watched), **there[item.write.key]}
        return found

    def write(self, items: Sequence[Item]) -> dict[int, Result | Outcome]:
        """What became of each overlap; those of one company go in one write, or one by one where that is refused."""
        companies = self._companies(items)
        held = self._held(companies.values())
        results: dict[int, Result | Outcome] = {}
        changed: dict[str, list[Item]] = {}
        for item in items:
            company = companies.get(item.index)
            if company is None or company not in held or item.above is not None:
                results[item.index] = self._lost(item, company)
            elif (judged := _judged(item, held[company], company)) is not None:
                results[item.index] = judged
            else:
                changed.setdefault(company, []).append(item)
        for company, mine in self._refused(changed, held, results).items():
            for item in mine:
                self._refused({company: [item]}, held, results)
        return results

    def _refused(
        self, changed: Mapping[str, list[Item]], held: dict[str, Overlaps], results: dict[int, Result | Outcome]
    ) -> dict[str, list[Item]]:
        """Write the changes of each company at once; those that were refused together and may fare better alone."""
        after = {company: _changed(mine, held[company]) for company, mine in changed.items()}
        written = self._batches.save([_company(mine[0], after[id_], id_) for id_, mine in changed.items()])
        refused: dict[str, list[Item]] = {}
        for company, mine in changed.items():
            result = written[mine[0].index]
            results |= {item.index: result for item in mine}
            if not isinstance(result, Failure):
                held[company] = after[company]
            elif len(mine) > 1:
                refused[company] = mine
        return refused

    def _lost(self, item: Item, company: str | None) -> Result | Outcome:
        if item.above is not None:
            return Failure("PARENT_NOT_POSSIBLE", "a property of a company cannot bring the company along")
        if not _ends(item):
            return Failure("OBJECT_NOT_FOUND", f"{NOT_THERE}: {company or item.values.get(LINK)}")
        if company is None and self._clock() < self._sure_at:
            return Retry(NOT_THERE, (self._sure_at - self._clock()).total_seconds())
        # Nothing shows it any more, and that is what was wanted.
        return Applied(item.write.key, changed=False)

    def _companies(self, items: Sequence[Item]) -> dict[int, str]:
        """The company of each overlap: as the write says, as it was written before, or as all companies say."""
        self._known |= {item.write.key: str(item.values[LINK]) for item in items if item.values.get(LINK)}
        if any(item.write.key not in self._known for item in items):
            self._learn()
        return {item.index: self._known[item.write.key] for item in items if item.write.key in self._known}

    def _learn(self) -> None:
        """Read which overlaps all companies hold: once, and once more when the search shows what was written before."""
        now = self._clock()
        if self._learnt is not None and (self._learnt >= self._sure_at or now < self._sure_at):
            return
        type_id, above = self._records.objects.type_id(COMPANIES), ""
        while True:
            filters = [{"propertyName": DATA, "operator": "HAS_PROPERTY"}]
            filters += [{"propertyName": ID, "operator": "GT", "value": above}] if above else []
            sorts = [{"propertyName": ID, "direction": "ASCENDING"}]
            body = {"filterGroups": [{"filters": filters}], "properties": [DATA], "limit": PAGE, "sorts": sorts}
            answer = self._client.search(type_id, body)
            for row in answer["results"]:
                # What this process wrote itself is newer than what the search shows.
                self._known = dict.fromkeys(_read(row["properties"].get(DATA)), str(row["id"])) | self._known
            if not answer.get("paging") or not answer["results"]:
                break
            above = str(answer["results"][-1]["id"])
        self._learnt = now

    def _held(self, companies: Any) -> dict[str, Overlaps]:
        """The overlaps of each living company."""
        type_id, found = self._records.objects.type_id(COMPANIES), {}
        for chunk in chunks(sorted({id_ for id_ in companies if id_.isascii() and id_.isdigit()}), BATCH):
            for row in self._records.raw(type_id, chunk, [DATA], None):
                found[str(row["id"])] = _read(row["properties"].get(DATA))
        return found


def _read(data: str | None) -> Overlaps:
    """What a company's property holds; anything that is not ours is nothing, and is written over."""
    try:
        found = json.loads(data or "{}")
    except ValueError:
        return {}
    return {str(key): dict(value) for key, value in found.items()} if isinstance(found, dict) else {}


def _judged(item: Item, held: Overlaps, company: str) -> Result | None:
    """The result of a write that need not or must not be made."""
    there = held.get(item.write.key)
    if there is None and _ends(item):
        return Applied(company, changed=False)
    stored = None if there is None else {**dict.fromkeys(item.watched), **there}
    if stored is not None and not _ends(item) and agrees(item.table, item.fields, stored):
        return Applied(company, changed=False)
    return overtaken(item.table, item.write, stored)


def _ends(item: Item) -> bool:
    """Whether the overlap is to be shown no more."""
    return item.write.action is WriteAction.ARCHIVE or item.write.fields.get("status") == "ended"


def _changed(items: Sequence[Item], held: Overlaps) -> Overlaps:
    """The overlaps of a company with the writes in them."""
    after = dict(held)
    for item in items:
        if _ends(item):
            after.pop(item.write.key, None)
        else:
            merged = {**after.get(item.write.key, {}), **{name: text(value) for name, value in item.values.items()}}
            after[item.write.key] = {name: value for name, value in merged.items() if value}
    return after


def _company(item: Item, held: Overlaps, company: str) -> Item:
    """The write of a company's two properties, in the place of an overlap's."""
    data = json.dumps(held, sort_keys=True, ensure_ascii=False, separators=(",", ":")) if held else None
    shown = "\n".join(sorted(_line(item.table, each) for each in held.values())) or None
    table = replace(item.table, object=COMPANIES, id_field=ID)
    write = item.write.model_copy(update={"match_by": MatchBy.ID, "key": company})
    return Item(item.index, write, table, {DATA: data, SHOWN: shown})


def _line(table: EntityMap, values: Mapping[str, str]) -> str:
    """One overlap for people: `Acme Cloud: customer there (Both have the web domain acme.com)`."""
    said = table.to_fields({**dict.fromkeys(table.vendor_fields), **values})
    where = str(said.get("partner_population") or "known").replace("_", " ")
    related = ", a related company" if said.get("relation") == "related" else ""
    reason = f" ({said['main_reason']})" if said.get("main_reason") else ""
    return f"{said.get('partner_name') or said.get('partner')}: {where} there{related}{reason}"
