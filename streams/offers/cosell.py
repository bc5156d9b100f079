"""Co-sell as the rest of this decision uses it: what to tell Partner Central of a deal, and how to answer an invitation."""

from streams.offers.partner.advance import advance
from streams.offers.partner.invitations import invited
from streams.offers.partner.view import stamp

__all__ = ["advance", "invited", "stamp"]
