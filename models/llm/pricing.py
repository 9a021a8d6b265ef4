"""What tokens cost, as a user types it: input, output and currency per million tokens."""

import re
from decimal import Decimal

from dify_plugin.entities.model import PriceConfig

from engine import Credentials, SettingsError, text_of

A_MILLIONTH = Decimal("0.000001")
"""Dify's unit of a price for a million tokens."""

_PRICES = re.compile(
    r"(?P<input>\d{1,7}(?:\.\d{1,9})?)\s*[,;/\s]\s*(?P<output>\d{1,7}(?:\.\d{1,9})?)"
    r"\s*[,;/\s]?\s*(?P<currency>[A-Za-z]{3})"
)


def parse_pricing(credentials: Credentials) -> PriceConfig | None:
    """Read `2.5, 10 USD`; ``None`` if nothing was typed.

    Raises:
        SettingsError: it is no two prices and a currency.
    """
    typed = text_of(credentials, "pricing").replace("，", ",")
    if not typed:
        return None
    found = _PRICES.fullmatch(typed)
    if found is None:
        raise SettingsError("pricing", "pricing")
    return PriceConfig(
        input=Decimal(found["input"]),
        output=Decimal(found["output"]),
        unit=A_MILLIONTH,
        currency=found["currency"].upper(),
    )
