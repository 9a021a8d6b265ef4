"""All that a call is made with and nobody may read."""

from engine.settings.proxies import proxy_passwords
from engine.settings.settings import Settings


def secrets_of(settings: Settings) -> tuple[str, ...]:
    """Return the keys of the form, secret headers and fields, and passwords of proxies."""
    return (*settings.secrets, *proxy_passwords())
