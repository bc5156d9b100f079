"""Ideal customers and what partners say for an account: four figures side by side, each with its codes; it never adds them up.

    fit        how well the company fits `icp.toml`, with the share of it that is known
    evidence   what partners say for it: of one partner on the overlap, of all together on the account
    readiness  what lets us act at once
    momentum   what moved with partners of late

None of them is for a partner: `OURS_ALONE` are the fields of an overlap that stay with us.
"""

from collections.abc import Mapping
from typing import Protocol

from mappings.icp import Icp
from schemas.entities import AccountSummary, Overlap, Population
from streams.ecosystem.evidence import evidence, standing
from streams.ecosystem.fit import Firmographics, Fit, fit
from streams.ecosystem.qualifying import Qualification, qualified

__all__ = ["OURS_ALONE", "Fit", "Qualification", "fit", "qualified", "summed", "told"]

OURS_ALONE = frozenset(
    {
        "fit",
        "fit_band",
        "fit_known",
        "partner_evidence",
        "evidence_codes",
        "icp_version",
        "partner_population_since",
        "partner_population_before",
    }
)


class Card(Firmographics, Protocol):
    """What is known of our account; an `AccountCard` has it."""

    @property
    def population(self) -> str: ...
    @property
    def owner_name(self) -> str | None: ...


def told(now: Overlap, before: Overlap | None, ours: Firmographics, icp: Icp, tier: float | None = None) -> Overlap:
    """An active overlap with its fit and evidence. `before`: as it was last decided; `tier`: see `evidence`.

    It depends on nothing but these: evidence is read at the overlap's own `last_changed`, so an overlap that did not
    change comes out as it was.
    """
    stands = standing(now, before)
    said, fits = evidence(now, icp, stands.since, tier), fit(ours, icp)
    return now.model_copy(
        update={
            "partner_population_since": stands.since,
            "partner_population_before": stands.before,
            "fit": fits.score,
            "fit_band": fits.band,
            "fit_known": int(fits.known * 100 + 0.5),
            "partner_evidence": said.score,
            "evidence_codes": tuple(map(str, (*said.codes, *fits.codes))),
            "icp_version": fits.version,
        }
    )


def summed(summary: AccountSummary, overlaps: Mapping[str, Overlap], ours: Card, icp: Icp) -> AccountSummary:
    """The roll-up of an account with its figures. `overlaps`: all that ever were, each as `told` left it."""
    found = qualified(fit(ours, icp), tuple(overlaps.values()), icp, Population(ours.population), ours.owner_name)
    return summary.model_copy(
        update={
            "fit": found.fit.score,
            "fit_band": found.fit.band,
            "fit_known": int(found.fit.known * 100 + 0.5),
            "partner_evidence": found.evidence,
            "readiness": found.readiness,
            "momentum": found.momentum,
            "qualified": found.qualified,
            "qualified_codes": tuple(map(str, found.codes)),
            "icp_version": found.fit.version,
        }
    )
