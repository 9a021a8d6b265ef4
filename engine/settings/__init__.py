"""What a user typed into the form, checked and typed before any request is made.

``fields`` reads one field, ``endpoint`` and ``keys`` the two that people paste, ``settings`` puts
together what every call needs, and ``forms`` remembers what was read. What only one type of model
has is read by its adapter.
"""

from engine.settings.endpoint import parse_endpoint
from engine.settings.fields import (
    AUTO,
    DEFAULT_MAX_RETRY_SECONDS,
    Credentials,
    SettingsError,
    choice,
    choose,
    field_name,
    parse_count,
    parse_max_retry_seconds,
    parse_names,
    text_of,
)
from engine.settings.forms import Form, form_of, read_once
from engine.settings.keys import parse_keys
from engine.settings.settings import Settings, parse_settings

__all__ = [
    "AUTO",
    "DEFAULT_MAX_RETRY_SECONDS",
    "Credentials",
    "Form",
    "Settings",
    "SettingsError",
    "choice",
    "choose",
    "field_name",
    "form_of",
    "parse_count",
    "parse_endpoint",
    "parse_keys",
    "parse_max_retry_seconds",
    "parse_names",
    "parse_settings",
    "read_once",
    "text_of",
]
