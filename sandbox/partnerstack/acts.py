"""What people do by hand in PartnerStack: partners submit, managers answer, edit and archive; it speaks no HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.hubspot.times import millis

from .account import Account, Record
from .errors import bad
from .forms import answers
from .model import ANSWERS, KINDS


class Acts:
    """Each public method is an act of the sandbox door; all return the record as the API shows it."""

    def __init__(self, account: Account) -> None:
        self._account = account

    def partner(
        self, partner_key: str, name: str, email: str = "", group: str = "Resellers", tier: str | None = None,
        form: Mapping[str, Any] | None = None, status: str = "approved",
    ) -> Record:  # fmt: skip
        """A partner joins the program."""
        first, _, last = (email.partition("@")[0] or "ada.okafor").partition(".")
        joined = millis(self._account.clock())
        team = {"key": f"stck_{partner_key}", "name": name}
        tiers = {title: key for key, title in self._account.settings.tiers.items()}
        body = {
            "partner_key": partner_key, "email": email or f"ada.okafor@{partner_key}.example", "team": team,
            "first_name": first.capitalize(), "last_name": (last or "Okafor").capitalize(), "joined_at": joined,
            "group": {"key": f"grup_{group.casefold()}", "name": group, "slug": group.casefold()}, "tags": [],
            "approved_status": status, "stats": {}, "fields": _fields(form),
        }  # fmt: skip
        if tier is not None:
            body["tier_key"] = tiers[tier]
        return self._made("partnerships", body)

    def submit_deal(
        self, partner_key: str, account_name: str, form: Mapping[str, Any] | None = None, **members: Any
    ) -> Record:
        """A partner registers a deal."""
        return self._made(
            "deals", {"partner_key": partner_key, "account_name": account_name, "fields": _fields(form), **members}
        )

    def submit_lead(
        self, partner_key: str, external_key: str, form: Mapping[str, Any] | None = None, **members: Any
    ) -> Record:
        """A partner passes a lead on to the vendor."""
        return self._made(
            "leads",
            {
                "partner_key": partner_key,
                "external_key": external_key,
                "status": "open",
                "meta": dict(form or {}),
                **members,
            },
        )

    def answer(self, lead: str, word: str, **form: Any) -> Record:
        """A lead is answered: accept, decline, win, lose, reopen; `form` are answers beside it, as tandem_reason."""
        if word not in ANSWERS:
            raise bad(f"{word!r} is no answer; known are {', '.join(ANSWERS)}")
        return self.edit("leads", lead, form=form, status=ANSWERS[word])

    def edit(self, resource: str, key: str, form: Mapping[str, Any] | None = None, **members: Any) -> Record:
        """Somebody changes a record in the dashboard."""
        kind, more = KINDS[resource], {"fields": _fields(form)} if form else {}
        return self._account.show(kind, self._account.update(kind, key, {**members, **more}))

    def archive(self, resource: str, key: str) -> Record:
        kind = KINDS[resource]
        stored = self._account.find(kind, key)
        self._account.archive(kind, key)
        return self._account.show(kind, stored)

    def restore(self, resource: str, key: str) -> Record:
        self._account.restore(KINDS[resource], key)
        return self._account.show(KINDS[resource], self._account.find(KINDS[resource], key))

    def customer(self, partner_key: str, name: str, email: str, customer_key: str = "") -> Record:
        body = {"partner_key": partner_key, "name": name, "email": email, "customer_key": customer_key or email}
        return self._made("customers", body)

    def transaction(self, customer: str, amount: int, currency: str = "USD", product_key: str | None = None) -> Record:
        """A customer pays so many cents."""
        of = self._account.find(KINDS["customers"], customer).record
        inside = {"key": of["key"], "email": of["email"], "external_key": of["customer_key"]}
        body = {
            "amount": amount, "currency": currency, "product_key": product_key, "customer": inside,
            "customer_key": of["key"], "approved": True,
        }  # fmt: skip
        return self._made("transactions", body)

    def reward(
        self, partner_key: str, amount: int, description: str, status: str = "pending", customer: str | None = None
    ) -> Record:
        """A partner is due so many cents of a dollar."""
        partner = self._account.of_partner(partner_key)
        body: Record = {
            "amount": amount, "description": description, "reward_status": status,
            "partnership": {"key": partner["key"], "name": partner["team"]["name"], "group": partner["group"]},
        }  # fmt: skip
        if customer is not None:
            of = self._account.find(KINDS["customers"], customer).record
            body["customer"] = {"key": of["key"], "email": of["email"], "name": of["name"]}
        return self._made("rewards", body)

    def answers(self, resource: str, key: str) -> Record:
        """The answers to a record's form."""
        return answers(self._account.find(KINDS[resource], key).record)

    def _made(self, resource: str, body: Mapping[str, Any]) -> Record:
        return self._account.show(KINDS[resource], self._account.create(KINDS[resource], body))


def _fields(form: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    return [{"api_name": name, "value": value} for name, value in (form or {}).items()]
