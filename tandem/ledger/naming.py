"""What people call a record, of every entity that is read; it asks nobody."""

from schemas.entities import Account, Contact, Deal, Entity, Lead
from schemas.learning import Credential, Enrollment, Learner, Statement
from schemas.marketplace import Agreement, ChangeSet, Cosell, CosellInvitation, Offer, OfferSet, ResaleAuthorization
from schemas.partners import (
    Partner,
    PartnerCustomer,
    PartnerLead,
    PartnerUser,
    Registration,
    Reward,
    Signal,
    Transaction,
)


def name_of(record: Entity | None) -> str | None:
    """A name for people; none where the record has nothing that they would know it by."""
    match record:
        case Account() | Deal() | Offer() | OfferSet() | ResaleAuthorization() | ChangeSet() | Partner():
            return record.name
        case Cosell() | CosellInvitation():
            return record.title or record.company
        case Agreement():
            return f"agreement on {record.offer or record.offer_set or record.product or 'an offer'}"
        case Registration() | Signal() | Transaction() | Reward():
            return _of_partners(record)
        case Credential() | Enrollment() | Statement():
            return (record.name if isinstance(record, Credential) else record.item_name) or record.item
        case _:
            return _of_person(record)


def _of_partners(record: Registration | Signal | Transaction | Reward) -> str:
    match record:
        case Registration():
            return record.name or record.company
        case Signal():
            return record.deal_name or record.account_name or record.kind.value.replace("_", " ")
        case _:
            return f"{record.amount:f} {record.currency}"


def _of_person(record: Entity | None) -> str | None:
    match record:
        case Contact() | Lead():
            return _words(record.first_name, record.last_name)
        case PartnerLead():
            return _words(record.first_name, record.last_name) or record.company
        case PartnerUser() | Learner():
            return _words(record.first_name, record.last_name) or record.email
        case PartnerCustomer():
            return record.name or record.email
        case _:
            return None


def _words(*parts: str | None) -> str:
    return " ".join(filter(None, parts))
