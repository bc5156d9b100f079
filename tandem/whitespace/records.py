"""What a line or a JSON object says of white space and of a preview; it writes nothing."""

from collections.abc import Iterator
from typing import Any

from mappings.icp import Icp
from streams.ecosystem.fit import Fit
from streams.ecosystem.preview import Preview
from streams.ecosystem.whitespace import Prospect, White
from streams.sharing.gate import Gate
from tandem.mapping.writing import Layout, Record

WHITE: Layout = {
    "partner_id": "text",
    "partner_name": "text",
    "partner_website": "text",
    "partner_population": "text",
    "partner_owner": "text",
    "country": "text",
    "fit_band": "text",
    "fit": "integer",
    "fit_known": "number",
    "reasons": "texts",
    "codes": "texts",
    "related_to": "text",
    "icp_version": "text",
}


def rows(found: White) -> Iterator[Record]:
    """A record for each row that may be seen, as `WHITE` lays it out, the best first."""
    return (_row(each) for each in found.rows)


def of_white(found: White, icp: Icp, gate: Gate) -> dict[str, Any]:
    """All of it. A count that is None is too small to be told, or hidden."""
    counts = [
        {
            "partner_population": population.value,
            "fit_band": band,
            "level": found.levels[population].value,
            "number": it,
        }
        for (population, band), it in found.counts.items()
    ]
    told: dict[str, Any] = {"icp_version": icp.label, "open": gate.open, "counts": counts, "counted": found.told}
    return told | {"complete": found.complete, "rows": list(rows(found))}


def of_preview(found: Preview, now: Icp, new: Icp) -> dict[str, Any]:
    """How accounts move between bands."""
    moves = [{"from": before, "to": after, "number": number} for (before, after), number in found.moves.items()]
    moved = [
        {"id": it.id, "name": it.name, "before": _fit(it.before), "after": _fit(it.after)} for it in found.farthest
    ]
    told = {"now": now.label, "new": new.label, "accounts": found.accounts, "moved": found.moved}
    return told | {"moves": moves, "farthest": moved}


def _row(it: Prospect) -> Record:
    account = it.account
    return {
        "partner_id": it.id,
        "partner_name": account.name,
        "partner_website": account.website,
        "partner_population": account.population.value,
        "partner_owner": account.owner_name or account.owner_email,
        "country": account.country,
        "fit_band": it.fit.band,
        "fit": it.fit.score,
        "fit_known": round(it.fit.known, 2),
        "reasons": it.reasons,
        "codes": tuple(map(str, it.fit.codes)),
        "related_to": it.kin or None,
        "icp_version": it.fit.version,
    }


def _fit(it: Fit) -> dict[str, Any]:
    return {"fit": it.score, "fit_band": it.band, "fit_known": round(it.known, 2), "reasons": it.reasons}
