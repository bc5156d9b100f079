"""How our own change sets are named: the key of the write that asked for them; it calls nobody.

A name may hold no slash (ChangeSetName in the Catalog API reference: word characters, blanks and `+=.:@-`), so on the wire
stands a colon where Tandem's records show a slash.
"""

WIRE, SHOWN = "tandem:", "tandem/"
LONGEST = 100  # characters of a change set's name


def wire(key: str) -> str:
    """The name of the change set of a write."""
    return f"{WIRE}{key}"[:LONGEST]


def is_ours(name: object) -> bool:
    """Whether Tandem has asked for a change set of this name."""
    return isinstance(name, str) and name.startswith((WIRE, SHOWN))


def shown(name: object) -> object:
    """The name as a record shows it."""
    return SHOWN + name.removeprefix(WIRE) if isinstance(name, str) and name.startswith(WIRE) else name
