"""Which deal an offer is for that somebody made by hand; it makes no link by itself and never reads or writes a topic.

The lane tells it of deals, offers and links (`observe_deal`, `observe_offer`, `taken`, `freed`, `forbid`) and asks it to
`settle`: that publishes what is held of each offer that anything has changed for, and returns the links that have become
certain. A link holds once the lane has said `taken`. What is held depends on what is known, not on the order in which it
came.
"""

from streams.offers.matching.flow import forbid, freed, observe_deal, observe_offer, settle, taken
from streams.offers.matching.rows import ROWS

__all__ = ["ROWS", "forbid", "freed", "observe_deal", "observe_offer", "settle", "taken"]
