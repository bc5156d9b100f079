"""Accounts as hypothesis draws them: few names, so that lists overlap, and wild ones; never asserts."""

from hypothesis import strategies as st

from tests.unit.streams.matching.accounts import AnAccount

WORDS = [
    "Acme",
    "Zyxtron",
    "Global",
    "Robotics",
    "Energy",
    "Müller",
    "INTERN.",
    "H.",
    "GmbH",
    "Ltd.",
    "S.A.",
    "Group",
    "&",
    "ООО",
    "株式会社",
]

names = st.lists(st.sampled_from(WORDS), min_size=1, max_size=5).map(" ".join) | st.text(max_size=40)
maybe = {
    "website": st.none()
    | st.sampled_from(["acme.com", "http://www.acme.co.uk/x", "zyxtron.io", "facebook.com/acme", "not a url"]),
    "country": st.none() | st.sampled_from(["DE", "Germany", "USA", "Atlantis", ""]),
    "city": st.none() | st.sampled_from(["Köln", "Koeln", "Berlin", ""]),
    "postal_code": st.none() | st.sampled_from(["01067", "1067", "60302"]),
    "street": st.none() | st.sampled_from(["27 Washington St", "27 Washington Street", "Hauptstr. 5"]),
    "phone": st.none() | st.sampled_from(["+1 312 555 0142", "(312) 555-0142 x12", "12", "555 0142 / 555 0199"]),
    "domains": st.just(()) | st.just(("acme.com", "gmail.com")),
    "registration_ids": st.just({})
    | st.sampled_from(["08-146-6849", "081466850"]).map(lambda number: {"duns": number})
    | st.dictionaries(st.sampled_from(["duns", "vat", "number", "parent duns", "x"]), st.text(max_size=12), max_size=2),
    "former_domains": st.just(()) | st.just(("acme.com",)),
    "contact_domains": st.just(()) | st.just(("acme.com", "gmail.com")),
    "other_names": st.just(()) | st.just(("Acme", "Zyxtron Holding")),
}
accounts = st.builds(AnAccount, name=names, **maybe)
wild = st.builds(
    AnAccount,
    name=st.text(max_size=60),
    **{
        field: st.none() | st.text(max_size=40)
        for field in ("website", "country", "city", "postal_code", "street", "phone")
    },
    registration_ids=st.dictionaries(st.text(max_size=10), st.text(max_size=20), max_size=3),
    other_names=st.lists(st.text(max_size=20), max_size=4).map(tuple),
)
"""Accounts of any text whatever."""
