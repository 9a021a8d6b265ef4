"""The provider: checks the endpoint and the key that a workspace saves."""

from typing import Any, override

from dify_plugin import ModelProvider

from engine import check_key, parse_settings, shared_client
from models.errors import only_credential_errors


class ResilientGatewayProvider(ModelProvider):
    """Resilient Gateway as Dify sees it."""

    @override
    def validate_provider_credentials(self, credentials: dict[str, Any]) -> None:
        """Check what was typed into the provider's form.

        Raises:
            CredentialsValidateFailedError: it does not work; the text says what to change.
        """
        with only_credential_errors(credentials):
            check_key(shared_client(), parse_settings(credentials, model=""))
