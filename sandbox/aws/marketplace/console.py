"""The seller's own console: what people do by hand in the Marketplace Management Portal, each done before it returns.

The portal works through change sets as well, named "Submitted by <account>".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from ..core import ServiceError, Shape
from .making import change, fixed_price, in_days, per_use, reference, renewal, validity, whole_offer
from .seeds import ANALYTICS, BUYERS, CONNECT, PLATFORM, RESELLER

if TYPE_CHECKING:
    from .catalog import Catalog

Grants = dict[str, int]


class Console:
    """Each act answers with the ids that it made; what AWS refuses is raised as `ServiceError`."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog
        self.acts: Mapping[str, Callable[..., Any]] = {
            name: getattr(self, name)
            for name in (
                "make_offer", "make_usage_offer", "make_replacement_offer", "make_offer_set", "edit_offer", "release_offer",
                "extend_offer", "cancel_offer", "authorize_reseller", "restrict_reseller", "make_partner_offer",
                "fail_next_change_sets", "forget_account",
            )
        }  # fmt: skip

    @property
    def _today(self) -> date:
        return self.catalog.world.clock().date()

    def by_hand(self, changes: list[Shape], account: str | None = None) -> list[str]:
        """Runs a change set to its end; the ids of what it made or changed. Raises ServiceError with AWS's words."""
        catalog = self.catalog
        request = {"Catalog": "AWSMarketplace", "ChangeSet": changes}
        started = catalog.start(request, account or catalog.world.account)
        one = catalog.change_sets[started["ChangeSetId"]]
        one.prepared_at = one.applied_at = one.started
        catalog.tick()
        if one.status != "SUCCEEDED":
            words = [f"{step.type}: {told.code}: {told.message}" for step in one.steps for told in step.problems]
            raise ServiceError("ValidationException", "; ".join(words) or str(one.failure), 422)
        return one.entity_ids

    # Offers

    def make_offer(
        self, title: str, buyer: str = BUYERS[0], product: str = ANALYTICS, amount: str = "12000.00",
        currency: str = "USD", accept_by: str | None = None, **more: Any,
    ) -> Shape:  # fmt: skip
        """A direct private offer. `more`: duration ("P12M") or starts_on with ends_on, schedule [[day, amount]], grants
        {"seats": 40}, description, renewal (False), offer_set, released (True)."""
        until = date.fromisoformat(accept_by) if accept_by else in_days(self._today, 14)
        charges = [(day, part) for day, part in more.get("schedule") or []] or None
        parts = fixed_price(amount, currency, more.get("grants") or {"seats": 10}, charges, self._today)
        parts.append(self._validity(more))
        if more.get("renewal"):
            parts.append(renewal())
        create = change("Offer", "CreateOffer", {"ProductId": product, "Name": title})
        if more.get("offer_set"):
            create["DetailsDocument"]["OfferSetId"] = more["offer_set"]
        made = whole_offer(create, title, until, *parts, buyers=(buyer,), **more)
        return {"offer": self.by_hand(made)[0]}

    @staticmethod
    def _validity(more: Shape) -> Shape:
        if more.get("ends_on"):
            return validity(None, more.get("starts_on"), more["ends_on"])
        return validity(more.get("duration") or "P12M", more.get("starts_on"))

    def make_usage_offer(
        self, title: str, buyer: str = BUYERS[0], accept_by: str | None = None, released: bool = True
    ) -> Shape:
        """A pay-as-you-go private offer: its agreement will have no end."""
        until = date.fromisoformat(accept_by) if accept_by else in_days(self._today, 14)
        create = change("Offer", "CreateOffer", {"ProductId": PLATFORM, "Name": title})
        made = whole_offer(create, title, until, *per_use({"requests": "0.0004"}), buyers=(buyer,), released=released)
        return {"offer": self.by_hand(made)[0]}

    def make_replacement_offer(
        self, title: str, agreement: str, ends_on: str, amount: str = "15000.00", accept_by: str | None = None,
        grants: Grants | None = None, currency: str = "USD", released: bool = True,
    ) -> Shape:  # fmt: skip
        """An agreement-based offer; it keeps the agreement's kinds of pricing."""
        until = date.fromisoformat(accept_by) if accept_by else in_days(self._today, 14)
        create = change("Offer", "CreateReplacementOffer", {"AgreementId": agreement, "Name": title})
        parts = fixed_price(amount, currency, grants or {"seats": 20}, None, self._today)
        parts.append(validity(ends=ends_on))
        return {"offer": self.by_hand(whole_offer(create, title, until, *parts, released=released))[0]}

    def make_offer_set(
        self, title: str, buyer: str = BUYERS[0], amounts: tuple[str, str] = ("9000.00", "4000.00")
    ) -> Shape:
        """A released set of two released offers, one for each of two products."""
        made = self.by_hand([change("OfferSet", "CreateOfferSet", {"Name": title})])[0]
        until = str(in_days(self._today, 14))
        offers = [
            self.make_offer(f"{title} ({product})", buyer, product, amount, accept_by=until, offer_set=made)["offer"]
            for product, amount in zip((ANALYTICS, CONNECT), amounts, strict=True)
        ]
        told = {"BuyerNotes": f"All of {title}."}
        held = {"Offers": [{"OfferId": offer} for offer in offers]}
        self.by_hand([
            change("OfferSet", "UpdateInformation", told, made),
            change("OfferSet", "AssociateOffers", held, made),
            change("OfferSet", "ReleaseOfferSet", {}, made),
        ])  # fmt: skip
        return {"offer_set": made, "offers": offers}

    def edit_offer(self, offer: str, title: str | None = None, description: str | None = None) -> Shape:
        told = {"Name": title, "Description": description}
        changed = {key: value for key, value in told.items() if value is not None}
        return {"offer": self.by_hand([change("Offer", "UpdateInformation", changed, offer)])[0]}

    def release_offer(self, offer: str) -> Shape:
        return {"offer": self.by_hand([change("Offer", "ReleaseOffer", {}, offer)])[0]}

    def extend_offer(self, offer: str, until: str) -> Shape:
        """Moves the last day on which it can be accepted; later or earlier."""
        return {
            "offer": self.by_hand([change("Offer", "UpdateAvailability", {"AvailabilityEndDate": until}, offer)])[0]
        }

    def cancel_offer(self, offer: str) -> Shape:
        """There is no other way than a last day in the past."""
        return self.extend_offer(offer, str(self._today - timedelta(days=1)))

    # Resellers

    def authorize_reseller(
        self, title: str, reseller: str = RESELLER, product: str = ANALYTICS, price: str = "80.00",
        buyer: str | None = None, until: str | None = None, once: bool = False,
    ) -> Shape:  # fmt: skip
        """A released resale authorization; `price` is that of a seat for a year."""
        details = {"ProductId": product, "Name": title, "ResellerAccountId": reseller}
        term: Shape = {"Type": "ResaleConfigurableUpfrontPricingTerm", "CurrencyCode": "USD"}
        card: Shape = {"RateCard": [{"DimensionKey": "seats", "Price": price}]}
        card["Selector"] = {"Type": "Duration", "Value": "P12M"}
        card["Constraints"] = {"MultipleDimensionSelection": "Allowed", "QuantityConfiguration": "Allowed"}
        term["RateCards"] = [card]
        legal = {"Type": "BuyerLegalTerm", "Documents": [{"Type": "StandardEula", "Version": "2022-07-14"}]}
        parts: list[tuple[str, Shape]] = [
            ("UpdatePricingTerms", {"PricingModel": "Contract", "Terms": [term]}),
            ("UpdateLegalTerms", {"Terms": [legal]}),
        ]
        if buyer:
            target = {"Type": "BuyerTargetingTerm", "PositiveTargeting": {"BuyerAccounts": [buyer]}}
            parts.append(("UpdateBuyerTargetingTerms", {"Terms": [target]}))
        limits: Shape = ({"AvailabilityEndDate": until} if until else {}) | ({"OffersMaxQuantity": 1} if once else {})
        if limits:
            parts.append(("UpdateAvailability", limits))
        parts.append(("ReleaseResaleAuthorization", {}))
        kind = "ResaleAuthorization"
        made = [change(kind, f"Create{kind}", details, name="Create")]
        made += [change(kind, what, told, reference("Create")) for what, told in parts]
        return {"resale_authorization": self.by_hand(made)[0]}

    def restrict_reseller(self, authorization: str) -> Shape:
        done = self.by_hand([change("ResaleAuthorization", "RestrictResaleAuthorization", {}, authorization)])
        return {"resale_authorization": done[0]}

    def make_partner_offer(
        self, authorization: str, title: str, buyer: str = BUYERS[0], markup: str = "10.00"
    ) -> Shape:
        """The channel partner makes an offer of our product. We are told of it, but it is not ours to read."""
        held = self.catalog.entities[authorization]
        reseller = (held.rule("PartnerTargetingRule") or {})["ResellerAccountId"]
        what = "CreateOfferUsingResaleAuthorization"
        create = change("Offer", what, {"ResaleAuthorizationId": authorization, "Name": title})
        raised: Shape = {"ChangeType": "UpdateMarkup", "DetailsDocument": {"Percentage": markup}}
        made = whole_offer(create, title, in_days(self._today, 14), raised, validity("P12M"), buyers=(buyer,))
        return {"offer": self.by_hand(made, reseller)[0]}

    # Hardship

    def fail_next_change_sets(self, times: int = 1) -> Shape:
        """The next change sets that are due fail by AWS's own fault."""
        self.catalog.faults += times
        return {"faults": self.catalog.faults}

    def forget_account(self, account: str) -> Shape:
        """Makes AWS not know an account: offers for it fail when they are prepared."""
        self.catalog.unknown_accounts.add(account)
        return {"account": account}
