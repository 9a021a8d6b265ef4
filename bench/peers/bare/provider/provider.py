"""A provider without a form of its own: credentials come with each model."""

from dify_plugin import ModelProvider


class Provider(ModelProvider):
    """Accept any credentials."""

    def validate_provider_credentials(self, credentials: dict[str, str]) -> None:
        """Nothing to check."""
