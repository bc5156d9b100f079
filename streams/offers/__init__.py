"""Private offers: which deal an offer is for, how far it has come, and what has to be done next, decided in one order.

offers.changes --> offers --> facts.offer_link, facts.offer_match, writes to the marketplace, partner system and CRMs
"""
