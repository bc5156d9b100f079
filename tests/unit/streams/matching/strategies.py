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
    "phone": st.none() | st.sampled_from(["+1 312 555 0142", "(312) 555-0142", "12"]),
    "domains": st.just(()) | st.just(("acme.com", "gmail.com")),
    "registration_ids": st.just({})
    | st.sampled_from(["08-146-6849", "081466850"]).map(lambda number: {"duns": number}),
}
accounts = st.builds(AnAccount, name=names, **maybe)
