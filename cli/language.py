"""Which language the commands speak."""

import os

from engine.errors import Language


def language_of_locale() -> Language:
    """Chinese where the locale is Chinese, else English."""
    locale = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG")
    return "zh" if (locale or "").startswith("zh") else "en"
