"""How small the units of a currency are; it computes nothing."""

# Digits after the point of a currency's minor unit (ISO 4217, list one); all others have two.
_PLACES = {
    **dict.fromkeys(
        ("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF"),
        0,
    ),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
    **dict.fromkeys(("CLF", "UYW"), 4),
}  # fmt: skip
_USUAL = 2


def minor_digits(currency: str | None) -> int:
    """Digits after the point of the currency's smallest unit; 2 where the currency is not known."""
    return _PLACES.get((currency or "").upper(), _USUAL)
