"""What `tandem check` says of an account."""

from tests.unit.connectors.partnerstack.conftest import SECRET

LISTENER = {"public_url": "https://tandem.acme.com/partnerstack", "secret": SECRET}


def test_a_good_account_has_nothing_to_mend(stack):
    found = stack.check()
    assert {subject: each for subject, each in found.items() if not each.ok} == {}
    assert {"deals.tandem_reasons", "leads.tandem_state", "reward -> rewards"} <= set(found)


def test_wrong_keys_are_the_only_thing_that_is_said(stack):
    (only,) = stack.check(secret_key="sk_other").values()
    assert (only.ok, "HTTP_401" in only.detail, "secret_key" in only.remedy) == (False, True, True)


def test_a_resource_that_may_not_be_read_is_named(stack):
    stack.arm(kind="status", status=403, path="/rewards", probability=1)
    found = stack.check("reward", "transaction")
    assert {subject: each.ok for subject, each in found.items() if "->" in subject} == {
        "reward -> rewards": False,
        "transaction -> transactions": True,
    }


def test_a_field_that_is_written_and_not_on_the_form_is_named_and_one_that_is_only_read_is_no_matter(
    stack, monkeypatch
):
    from sandbox.partnerstack import model

    short = model.Kind(**{**{name: getattr(model.KINDS["deals"], name) for name in ("name", "prefix", "members")},
                          "external": "external_key", "form": ("city", "tandem_reasons")})  # fmt: skip
    monkeypatch.setitem(model.KINDS, "deals", short)
    found = stack.check("registration", "registration_outcome")
    assert (found["deals.tandem_missing"].ok, found["deals.website"].ok, found["deals.city"].ok) == (False, True, True)
    assert "add it to the form" in found["deals.tandem_missing"].remedy


def test_an_account_without_a_form_template_is_not_judged_by_it(stack):
    stack.arm(kind="status", status=404, path="form-template", probability=1)
    found = stack.check("registration_outcome")
    assert (found["form of deals"].ok, len(found)) == (True, 3)


def test_a_webhook_that_is_not_registered_is_named(stack):
    subject = "webhook to https://tandem.acme.com/partnerstack"
    assert not stack.check("partner", listener=LISTENER)[subject].ok
    target = f"{LISTENER['public_url']}/{SECRET}"
    stack.running.call(lambda: stack.running.account.push.register({"target": target, "events": ["deal.created"]}))
    found = stack.check("partner", listener=LISTENER)[subject]
    assert (found.ok, found.detail) == (True, "it is told of deal.created")
    assert SECRET not in repr(found)
