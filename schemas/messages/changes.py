"""What sources say: what happened to which record of which system; they never interpret it."""

from enum import StrEnum
from typing import ClassVar

from pydantic import AwareDatetime, Field

from schemas.entities import Account, Contact, Deal, Entity, Lead
from schemas.learning import Credential, Enrollment, Learner, Statement
from schemas.marketplace import Agreement, ChangeSet, Cosell, CosellInvitation, Offer, OfferSet, ResaleAuthorization
from schemas.messages.base import Message, record_ref
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


class ChangeKind(StrEnum):
    """What happened to a record; an upsert and a restoration carry the whole mapped record, the others none."""

    UPSERTED = "upserted"
    DELETED = "deleted"
    RESTORED = "restored"
    MERGED = "merged"  # the record is gone into another one, which its system kept


class Changed(Message):
    """A record was created, updated, deleted, restored or merged in one of the connected systems."""

    ENTITY: ClassVar[str]

    id: str = Field(description="Stable id of this change: the same change read twice has the same id.")
    connection: str = Field(description="The connection that it was read from.", examples=["our-crm"])
    party: str = Field(description="Whose system that is: `us` or `partner:<key>`.", examples=["us", "partner:acme"])
    record_id: str = Field(description="The record's id in that system.")
    kind: ChangeKind = Field(description="What happened.")
    version: int = Field(description="Orders the changes of one record; for a CRM the modification stamp in epoch ms.")
    record: Entity | None = Field(default=None, description="The record as it is now; none where it is gone.")
    occurred_at: AwareDatetime = Field(description="When it happened, by the vendor's clock.")
    seen_at: AwareDatetime | None = Field(
        default=None, description="When it was published, by Tandem's own clock; it is no part of the id."
    )
    actor: str | None = Field(default=None, description="Who changed it, as the vendor says.")
    own: bool = Field(default=False, description="Whether Tandem's own user made the change (a possible echo).")
    origin: str | None = Field(default=None, description="By what way it was made, as the vendor says.")
    transaction: str | None = Field(
        default=None, description="What the system did at once has one name here, as the conversion of a lead."
    )
    merged_into: str | None = Field(default=None, description="The record that this one was merged into.")
    absorbed: tuple[str, ...] = Field(default=(), description="The records that were merged into this one.")

    @property
    def ref(self) -> str:
        """The record's name across all systems."""
        return record_ref(self.connection, self.ENTITY, self.record_id)


class AccountChanged(Changed):
    """An account changed in one of the connected systems."""

    TYPE: ClassVar[str] = "tandem.account.changed"
    ENTITY: ClassVar[str] = "account"

    record: Account | None = Field(default=None, description="The account as it is now; none where it is gone.")


class ContactChanged(Changed):
    """A contact changed in one of the connected systems."""

    TYPE: ClassVar[str] = "tandem.contact.changed"
    ENTITY: ClassVar[str] = "contact"

    record: Contact | None = Field(default=None, description="The contact as it is now; none where it is gone.")


class LeadChanged(Changed):
    """A lead changed in one of the connected systems."""

    TYPE: ClassVar[str] = "tandem.lead.changed"
    ENTITY: ClassVar[str] = "lead"

    record: Lead | None = Field(default=None, description="The lead as it is now; none where it is gone.")


class DealChanged(Changed):
    """A deal changed in one of the connected systems."""

    TYPE: ClassVar[str] = "tandem.deal.changed"
    ENTITY: ClassVar[str] = "deal"

    record: Deal | None = Field(default=None, description="The deal as it is now; none where it is gone.")


class OfferChanged(Changed):
    """A private offer changed in a cloud marketplace."""

    TYPE: ClassVar[str] = "tandem.offer.changed"
    ENTITY: ClassVar[str] = "offer"

    record: Offer | None = Field(default=None, description="The offer as it is now; none where it is gone.")


class OfferSetChanged(Changed):
    """An offer set changed in a cloud marketplace."""

    TYPE: ClassVar[str] = "tandem.offer_set.changed"
    ENTITY: ClassVar[str] = "offer_set"

    record: OfferSet | None = Field(default=None, description="The offer set as it is now; none where it is gone.")


class ResaleAuthorizationChanged(Changed):
    """A resale authorisation changed in a cloud marketplace."""

    TYPE: ClassVar[str] = "tandem.resale_authorization.changed"
    ENTITY: ClassVar[str] = "resale_authorization"

    record: ResaleAuthorization | None = Field(
        default=None, description="The authorisation as it is now; none where it is gone."
    )


class ChangeSetChanged(Changed):
    """An asynchronous change of a cloud marketplace was asked for, went on or was over."""

    TYPE: ClassVar[str] = "tandem.change_set.changed"
    ENTITY: ClassVar[str] = "change_set"

    record: ChangeSet | None = Field(default=None, description="It as it is now; none where it is gone.")


class AgreementChanged(Changed):
    """An agreement changed in a cloud marketplace."""

    TYPE: ClassVar[str] = "tandem.agreement.changed"
    ENTITY: ClassVar[str] = "agreement"

    record: Agreement | None = Field(default=None, description="The agreement as it is now; none where it is gone.")


class CosellChanged(Changed):
    """A co-sell opportunity changed in a cloud vendor's partner system."""

    TYPE: ClassVar[str] = "tandem.cosell.changed"
    ENTITY: ClassVar[str] = "cosell"

    record: Cosell | None = Field(default=None, description="The opportunity as it is now; none where it is gone.")


class CosellInvitationChanged(Changed):
    """An invitation to co-sell changed in a cloud vendor's partner system."""

    TYPE: ClassVar[str] = "tandem.cosell_invitation.changed"
    ENTITY: ClassVar[str] = "cosell_invitation"

    record: CosellInvitation | None = Field(
        default=None, description="The invitation as it is now; none where it is gone."
    )


class PartnerChanged(Changed):
    """A partner organisation changed in a CRM or PRM."""

    TYPE: ClassVar[str] = "tandem.partner.changed"
    ENTITY: ClassVar[str] = "partner"

    record: Partner | None = Field(default=None, description="The partner as it is now; none where it is gone.")


class PartnerUserChanged(Changed):
    """A person at a partner changed in a CRM or PRM."""

    TYPE: ClassVar[str] = "tandem.partner_user.changed"
    ENTITY: ClassVar[str] = "partner_user"

    record: PartnerUser | None = Field(default=None, description="The person as it is now; none where it is gone.")


class LearnerChanged(Changed):
    """A user changed in a learning system."""

    TYPE: ClassVar[str] = "tandem.learner.changed"
    ENTITY: ClassVar[str] = "learner"

    record: Learner | None = Field(default=None, description="The user as it is now; none where it is gone.")


class EnrollmentChanged(Changed):
    """An enrolment changed in a learning system."""

    TYPE: ClassVar[str] = "tandem.enrollment.changed"
    ENTITY: ClassVar[str] = "enrollment"

    record: Enrollment | None = Field(default=None, description="The enrolment as it is now; none where it is gone.")


class CredentialChanged(Changed):
    """A badge or certificate changed in a learning system."""

    TYPE: ClassVar[str] = "tandem.credential.changed"
    ENTITY: ClassVar[str] = "credential"

    record: Credential | None = Field(default=None, description="The credential as it is now; none where it is gone.")


class StatementChanged(Changed):
    """A learning record store took in a statement."""

    TYPE: ClassVar[str] = "tandem.statement.changed"
    ENTITY: ClassVar[str] = "statement"

    record: Statement | None = Field(default=None, description="The statement as it is now; none where it is gone.")


class RegistrationChanged(Changed):
    """A deal registration changed in a PRM, a CRM or the portal."""

    TYPE: ClassVar[str] = "tandem.registration.changed"
    ENTITY: ClassVar[str] = "registration"

    record: Registration | None = Field(
        default=None, description="The registration as it is now; none where it is gone."
    )


class PartnerLeadChanged(Changed):
    """A lead as a partner has it changed in a PRM."""

    TYPE: ClassVar[str] = "tandem.partner_lead.changed"
    ENTITY: ClassVar[str] = "partner_lead"

    record: PartnerLead | None = Field(default=None, description="The lead as it is now; none where it is gone.")


class PartnerCustomerChanged(Changed):
    """A customer that is credited to a partner changed in a PRM."""

    TYPE: ClassVar[str] = "tandem.partner_customer.changed"
    ENTITY: ClassVar[str] = "partner_customer"

    record: PartnerCustomer | None = Field(
        default=None, description="The customer as it is now; none where it is gone."
    )


class TransactionChanged(Changed):
    """Revenue that is credited to a partner changed in a PRM."""

    TYPE: ClassVar[str] = "tandem.transaction.changed"
    ENTITY: ClassVar[str] = "transaction"

    record: Transaction | None = Field(default=None, description="The transaction as it is now; none where it is gone.")


class RewardChanged(Changed):
    """What a partner is owed changed in a PRM."""

    TYPE: ClassVar[str] = "tandem.reward.changed"
    ENTITY: ClassVar[str] = "reward"

    record: Reward | None = Field(default=None, description="The reward as it is now; none where it is gone.")


class SignalChanged(Changed):
    """A partner network told what a partner has done."""

    TYPE: ClassVar[str] = "tandem.signal.changed"
    ENTITY: ClassVar[str] = "signal"

    record: Signal | None = Field(default=None, description="The signal as it is now; none where it is gone.")


CHANGED: dict[str, type[Changed]] = {
    each.ENTITY: each
    for each in (
        AccountChanged, ContactChanged, LeadChanged, DealChanged, OfferChanged, OfferSetChanged,
        ResaleAuthorizationChanged, ChangeSetChanged, AgreementChanged, CosellChanged, CosellInvitationChanged,
        PartnerChanged, PartnerUserChanged, LearnerChanged, EnrollmentChanged, CredentialChanged, StatementChanged,
        RegistrationChanged, PartnerLeadChanged, PartnerCustomerChanged, TransactionChanged, RewardChanged, SignalChanged,
    )
}  # fmt: skip
CRM_ENTITIES = ("account", "contact", "lead", "deal")  # what reconciliation may keep in step
PARTNER_ENTITIES = ("partner", "partner_user", "registration")  # what a CRM may hold beside them


class CaughtUp(Message):
    """A source has told everything that was there when it first started: from now on "it is not there" can be known."""

    TYPE: ClassVar[str] = "tandem.source.caught_up"

    connection: str = Field(description="The connection that was read.")
    party: str = Field(description="Whose system that is.")
    entities: tuple[str, ...] = Field(description="The entities that it reads.")
    at: AwareDatetime = Field(description="When the first pass was over.")


class TimePassed(Message):
    """A source has looked at all that there is: decisions that wait for a day to pass learn of the hour by this."""

    TYPE: ClassVar[str] = "tandem.time.passed"

    connection: str = Field(description="The connection that was read.")
    at: AwareDatetime = Field(description="Tandem's own clock when the look was over.")
