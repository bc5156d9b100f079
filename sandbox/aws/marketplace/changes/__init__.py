"""The change types that StartChangeSet knows, by the entity that they are for."""

from __future__ import annotations

from .bench import Change
from .offers import OFFER
from .resale import RESALE
from .sets import OFFER_SET

CHANGES: dict[str, dict[str, Change]] = {"Offer": OFFER, "OfferSet": OFFER_SET, "ResaleAuthorization": RESALE}
