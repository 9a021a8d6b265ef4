"""The price of tokens as a user types it."""

from decimal import Decimal

import pytest

from engine.settings import SettingsError
from models.llm.pricing import parse_pricing


@pytest.mark.parametrize(
    ("typed", "prices"),
    [
        ("2.5, 10 USD", ("2.5", "10", "USD")),
        ("2.5,10 usd", ("2.5", "10", "USD")),
        ("0.5 / 2 CNY", ("0.5", "2", "CNY")),
        ("1 8 RMB", ("1", "8", "RMB")),
        ("0，0 USD", ("0", "0", "USD")),
        ("0.0000001, 3, EUR", ("0.0000001", "3", "EUR")),
    ],
)
def test_price(typed: str, prices: tuple[str, str, str]) -> None:
    price = parse_pricing({"pricing": typed})
    assert price is not None
    assert (price.input, price.output) == (Decimal(prices[0]), Decimal(prices[1]))
    assert price.currency == prices[2]
    assert price.unit * 1_000_000 == 1, "prices are per million tokens"


@pytest.mark.parametrize("typed", ["", None, "  "])
def test_none(typed: str | None) -> None:
    assert parse_pricing({"pricing": typed}) is None


@pytest.mark.parametrize(
    "typed", ["2.5", "2.5 USD", "2.5, 10", "-1, 2 USD", "1e3, 2 USD", "a, b USD", "1, 2 dollars"]
)
def test_what_is_no_price_is_refused_with_an_example(typed: str) -> None:
    with pytest.raises(SettingsError, match=r"2\.5, 10 USD") as no:
        parse_pricing({"pricing": typed})
    assert no.value.variable == "pricing"
