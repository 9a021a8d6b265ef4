"""Where metrics are served: the operator's words, read strictly."""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field

VARIABLE = "RESILIENT_GATEWAY_METRICS"
"""Of the environment: an address and a port, or a range of ports of which the first free is taken,
as in ``127.0.0.1:9464-9473``: one for each instance on a machine."""

TOKEN_VARIABLE = "RESILIENT_GATEWAY_METRICS_TOKEN"
"""Of the environment: what has to be shown to read them; demanded elsewhere than on loopback."""

MAX_PORTS = 100
MIN_TOKEN = 16
"""Characters; a shorter one can be guessed."""


class AddressError(ValueError):
    """It cannot be served there; the message is for the operator."""


@dataclass(frozen=True, slots=True)
class MetricsAddress:
    """Where to listen.

    Attributes:
        host: an IP address.
        ports: to try in order.
        token: what has to be shown; empty if nothing has to.
    """

    host: str
    ports: range
    token: str = field(default="", repr=False)

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine reaches it."""
        return ipaddress.ip_address(self.host).is_loopback


def metrics_address(environment: Mapping[str, str]) -> MetricsAddress | None:
    """The address that the operator named; ``None`` if he named none.

    Raises:
        AddressError: it is no address, or a token is missing.
    """
    text = environment.get(VARIABLE, "").strip()
    if not text:
        return None
    host, _, ports = text.rpartition(":")
    first, _, last = ports.partition("-")
    try:
        host = str(ipaddress.ip_address(host.strip("[]") or "127.0.0.1"))
        numbers = range(int(first), int(last or first) + 1)
    except ValueError:
        raise AddressError(f"{VARIABLE} is no IP address and port") from None
    if not numbers or len(numbers) > MAX_PORTS or numbers[0] < 1 or numbers[-1] > 65_535:
        raise AddressError(f"{VARIABLE} names no port, or more than {MAX_PORTS}")
    address = MetricsAddress(host, numbers, environment.get(TOKEN_VARIABLE, "").strip())
    if address.token and len(address.token) < MIN_TOKEN:
        raise AddressError(f"{TOKEN_VARIABLE} is shorter than {MIN_TOKEN} characters")
    if not address.token and not address.is_loopback:
        raise AddressError(f"{host} is not loopback: {TOKEN_VARIABLE} must be set as well")
    return address
