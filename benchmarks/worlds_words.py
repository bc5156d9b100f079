"""The words that the generated lists are made of: places, legal forms, trades and syllables; it draws nothing."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Land:
    """A country: how its companies write themselves. Each legal form is a row of spellings that mean the same."""

    code: str
    name: str
    share: float
    tld: str
    dial: str
    digits: int  # of a postal code
    cities: str
    forms: tuple[tuple[str, ...], ...]
    trades: str


_ENGLISH = (
    "Robotics Software Logistics Consulting Foods Media Energy Capital Design Systems Medical Foundry Partners "
    "Analytics Marine Packaging Textiles Insurance Plastics Security"
)
_GERMAN = "Maschinenbau Logistik Technik Software Beratung Bau Energie Medien Handel Elektronik Kunststoffe Spedition"
_FRENCH = "Logistique Conseil Énergie Bâtiment Textile Assurances Transports Électronique Santé Distribution"
_SPANISH = "Logística Consultores Energía Construcciones Textil Seguros Transportes Alimentación Sistemas"
_ITALIAN = "Logistica Consulenza Energia Costruzioni Tessile Assicurazioni Trasporti Alimentari Meccanica"

LANDS = (
    Land(
        "US", "United States", 0.30, "com", "1", 5, "New York|Chicago|Houston|Austin|Boston|Denver|Seattle|Miami",
        (("Inc.", "Inc", "Incorporated"), ("LLC", "L.L.C."), ("Corp.", "Corporation"), ("Co.", "Company")), _ENGLISH,
    ),
    Land(
        "DE", "Germany", 0.14, "de", "49", 5, "Berlin|München|Hamburg|Köln|Frankfurt am Main|Stuttgart|Düsseldorf",
        (("GmbH", "Gesellschaft mit beschränkter Haftung"), ("AG", "Aktiengesellschaft"), ("GmbH & Co. KG",)), _GERMAN,
    ),
    Land(
        "GB", "United Kingdom", 0.12, "co.uk", "44", 6, "London|Manchester|Bristol|Leeds|Glasgow|Cardiff",
        (("Ltd", "Limited", "Ltd."), ("PLC", "plc"), ("LLP",)), _ENGLISH,
    ),
    Land(
        "FR", "France", 0.08, "fr", "33", 5, "Paris|Lyon|Marseille|Toulouse|Nantes|Saint-Étienne",
        (("SA", "S.A.", "Société Anonyme"), ("SARL", "S.A.R.L."), ("SAS",)), _FRENCH,
    ),
    Land(
        "ES", "Spain", 0.06, "es", "34", 5, "Madrid|Barcelona|Valencia|Sevilla|Málaga|A Coruña",
        (("S.A.", "SA", "Sociedad Anónima"), ("S.L.", "SL")), _SPANISH,
    ),
    Land(
        "IT", "Italy", 0.06, "it", "39", 5, "Milano|Roma|Torino|Napoli|Bologna|Forlì",
        (("S.p.A.", "SpA"), ("S.r.l.", "Srl")), _ITALIAN,
    ),
    Land(
        "NL", "Netherlands", 0.05, "nl", "31", 4, "Amsterdam|Rotterdam|Utrecht|Eindhoven|'s-Hertogenbosch",
        (("B.V.", "BV"), ("N.V.", "NV")), _ENGLISH,
    ),
    Land(
        "SE", "Sweden", 0.04, "se", "46", 5, "Stockholm|Göteborg|Malmö|Uppsala",
        (("AB", "Aktiebolag"),), _ENGLISH,
    ),
    Land(
        "PL", "Poland", 0.04, "pl", "48", 5, "Warszawa|Kraków|Łódź|Wrocław|Gdańsk",
        (("Sp. z o.o.", "Spółka z o.o."), ("S.A.", "Spółka Akcyjna")), _ENGLISH,
    ),
    Land(
        "BR", "Brazil", 0.05, "com.br", "55", 8, "São Paulo|Rio de Janeiro|Belo Horizonte|Curitiba",
        (("Ltda.", "Ltda"), ("S.A.", "SA")), _SPANISH,
    ),
    Land(
        "JP", "Japan", 0.03, "co.jp", "81", 7, "Tokyo|Osaka|Nagoya|Kyoto",
        (("K.K.", "Co., Ltd.", "Kabushiki Kaisha"),), _ENGLISH,
    ),
    Land(
        "IN", "India", 0.03, "in", "91", 6, "Mumbai|Bengaluru|Delhi|Pune",
        (("Pvt. Ltd.", "Private Limited", "Pvt Ltd"), ("Limited", "Ltd")), _ENGLISH,
    ),
)  # fmt: skip

# Surnames and place words in the order of how many firms bear them.
FAMILIES = (
    "Smith Müller Johnson Schmidt Williams Garcia Martin Brown Rossi Jones Schneider Silva Fischer Lopez Andersson "
    "Bernard Weber Davis Meyer Wilson Wagner Dubois Becker Nowak Moore Taylor Schulz Ferrari Hoffmann Jansen Thomas "
    "Sanchez Jackson Koch White Petit Bauer Harris Richter Moreau Klein Lewis Wolf Clark Tanaka Schröder Robinson "
    "Neumann Walker Schwarz Young Zimmermann Allen Braun King Krüger Wright Hofmann Scott Santos Torres Hartmann"
)
COMMON = (
    "Global National United First American European Royal Pacific Atlantic Northern Southern Western Central Premier "
    "Alpha Delta Omega Apex Summit Pioneer Phoenix Horizon Liberty Heritage Golden Silver Blue Green Star Sun"
)
OTHER_TLDS = ("com", "net", "io", "eu", "org", "biz")
INDUSTRIES = (
    "Software", "Manufacturing", "Logistics", "Financial Services", "Retail", "Healthcare", "Energy", "Construction",
    "Media", "Food", "Insurance", "Education",
)  # fmt: skip
STREETS = (
    "Main", "Station", "Church", "Park", "Mill", "High", "Harbour", "Market", "Garden", "School", "Bridge", "Castle",
    "North", "Lake", "Hill",
)  # fmt: skip
POPULATIONS = ("Customer", "Open Opportunity", "Prospect")

_ONSETS = (
    "b", "d", "f", "g", "h", "k", "l", "m", "n", "p", "r", "s", "t", "v", "w", "z", "br", "cr", "dr", "fl", "gr", "kl",
    "pr", "st", "tr", "bl", "sk", "sp", "ph", "ch",
)  # fmt: skip
_VOWELS = ("a", "e", "i", "o", "u", "ia", "eo")
SYLLABLES = tuple(onset + vowel for onset in _ONSETS for vowel in _VOWELS)
ENDS = ("", "n", "x", "r", "s", "l", "tron", "tech", "ix", "on", "ra", "nt")
TOWN_ENDS = ("stad", "ville", "burg", "ton", "heim", "ford")
