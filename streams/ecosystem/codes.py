"""The closed list of codes that say why an account fits or is qualified; a code is never taken out or given another meaning."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class Code(StrEnum):
    """Why. What each means is in `MEANINGS`."""

    INDUSTRY_FITS = "INDUSTRY_FITS"
    INDUSTRY_OTHER = "INDUSTRY_OTHER"
    INDUSTRY_UNKNOWN = "INDUSTRY_UNKNOWN"
    SIZE_FITS = "SIZE_FITS"
    SIZE_OTHER = "SIZE_OTHER"
    SIZE_UNKNOWN = "SIZE_UNKNOWN"
    REVENUE_FITS = "REVENUE_FITS"
    REVENUE_OTHER = "REVENUE_OTHER"
    REVENUE_UNKNOWN = "REVENUE_UNKNOWN"
    COUNTRY_FITS = "COUNTRY_FITS"
    COUNTRY_OTHER = "COUNTRY_OTHER"
    COUNTRY_UNKNOWN = "COUNTRY_UNKNOWN"
    TECH_FITS = "TECH_FITS"
    TECH_OTHER = "TECH_OTHER"
    TECH_UNKNOWN = "TECH_UNKNOWN"
    EXCLUDED_INDUSTRY = "EXCLUDED_INDUSTRY"
    EXCLUDED_COUNTRY = "EXCLUDED_COUNTRY"

    THEIR_CUSTOMER = "THEIR_CUSTOMER"
    THEIR_OPEN_DEAL = "THEIR_OPEN_DEAL"
    THEIR_PROSPECT = "THEIR_PROSPECT"
    RECENT = "RECENT"
    SURE_MATCH = "SURE_MATCH"
    TO_CONFIRM = "TO_CONFIRM"
    OWNER_KNOWN = "OWNER_KNOWN"
    PARTNER_TIER = "PARTNER_TIER"
    RELATED_COMPANY = "RELATED_COMPANY"

    FITS_ICP = "FITS_ICP"
    OUTSIDE_ICP = "OUTSIDE_ICP"
    FIT_UNKNOWN = "FIT_UNKNOWN"
    NO_PARTNER = "NO_PARTNER"
    WEAK_EVIDENCE = "WEAK_EVIDENCE"
    SEVERAL_PARTNERS = "SEVERAL_PARTNERS"
    OUR_CUSTOMER = "OUR_CUSTOMER"
    OUR_OPEN_DEAL = "OUR_OPEN_DEAL"
    OUR_OWNER_KNOWN = "OUR_OWNER_KNOWN"
    NEW_OVERLAP = "NEW_OVERLAP"
    ROSE = "ROSE"
    FELL = "FELL"
    ENDED = "ENDED"


MEANINGS: Mapping[Code, tuple[str, str]] = MappingProxyType(
    {
        Code.INDUSTRY_FITS: ("fit", "The industry is one of those that the profile names."),
        Code.INDUSTRY_OTHER: ("fit", "The industry is none of those that the profile names."),
        Code.INDUSTRY_UNKNOWN: ("fit", "The account names no industry."),
        Code.SIZE_FITS: ("fit", "The number of employees is in one of the profile's ranges."),
        Code.SIZE_OTHER: ("fit", "The number of employees is in none of them."),
        Code.SIZE_UNKNOWN: ("fit", "The account has no number of employees."),
        Code.REVENUE_FITS: ("fit", "The revenue is in one of the profile's ranges."),
        Code.REVENUE_OTHER: ("fit", "The revenue is in none of them."),
        Code.REVENUE_UNKNOWN: ("fit", "The account has no revenue."),
        Code.COUNTRY_FITS: ("fit", "The country is one of those that the profile names."),
        Code.COUNTRY_OTHER: ("fit", "The country is none of those that the profile names."),
        Code.COUNTRY_UNKNOWN: ("fit", "The account has no country, or none that is known."),
        Code.TECH_FITS: ("fit", "The account uses one of the technologies that the profile names."),
        Code.TECH_OTHER: ("fit", "The account uses none of them."),
        Code.TECH_UNKNOWN: ("fit", "The account names no technology."),
        Code.EXCLUDED_INDUSTRY: ("fit", "The profile excludes the industry: 0 points, band D."),
        Code.EXCLUDED_COUNTRY: ("fit", "The profile excludes the country: 0 points, band D."),
        Code.THEIR_CUSTOMER: ("evidence", "The account is the partner's customer."),
        Code.THEIR_OPEN_DEAL: ("evidence", "The partner has an open deal there."),
        Code.THEIR_PROSPECT: ("evidence", "The partner knows the account, and nothing more."),
        Code.RECENT: ("evidence", "It came to stand so with the partner shortly before the overlap last changed."),
        Code.SURE_MATCH: ("evidence", "The two records are linked."),
        Code.TO_CONFIRM: ("evidence", "That the two records are one company is still to be confirmed."),
        Code.OWNER_KNOWN: ("evidence", "The partner names somebody who owns the account."),
        Code.PARTNER_TIER: ("evidence", "The partner has a tier above the lowest one."),
        Code.RELATED_COMPANY: ("evidence", "The partner's account is a related company, not the same one."),
        Code.FITS_ICP: ("qualified", "The fit is in a band that qualifies."),
        Code.OUTSIDE_ICP: ("qualified", "The fit is in no band that qualifies."),
        Code.FIT_UNKNOWN: ("qualified", "The fit is in no band that qualifies, and less than half of it is known."),
        Code.NO_PARTNER: ("qualified", "No partner has the account."),
        Code.WEAK_EVIDENCE: ("qualified", "The partner evidence is too weak to qualify the account."),
        Code.SEVERAL_PARTNERS: ("evidence", "More than one partner has the account."),
        Code.OUR_CUSTOMER: ("readiness", "The account is our customer."),
        Code.OUR_OPEN_DEAL: ("readiness", "We have an open deal there."),
        Code.OUR_OWNER_KNOWN: ("readiness", "Somebody here owns the account."),
        Code.NEW_OVERLAP: ("momentum", "A partner's account was found to be this one, of late."),
        Code.ROSE: ("momentum", "The account rose with a partner, of late: from prospect to open deal to customer."),
        Code.FELL: ("momentum", "The account fell with a partner, of late."),
        Code.ENDED: ("momentum", "An overlap with a partner ended, of late."),
    }
)
"""Each code: the figure that it belongs to, and what it says."""
