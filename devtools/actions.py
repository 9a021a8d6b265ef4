"""What Dify asks of a plugin, action by action, in the words of the daemon's requests."""

from abc import ABC, abstractmethod
from typing import Any

from .session import Session
from .wire import Json, user


class Actions(ABC):
    """Whoever can hand a request over; none of these waits for the answer."""

    @abstractmethod
    def invoke(self, action: str, **data: Any) -> Session:
        """Hand over one request; `data` are its fields."""

    def chat(
        self,
        model: str,
        prompt: str | list[Json] = "hi",
        *,
        credentials: Json,
        stream: bool = True,
        model_parameters: Json | None = None,
        tools: list[Json] | None = None,
        stop: list[str] | None = None,
        user_id: str = "u1",
    ) -> Session:
        """Ask an LLM; `prompt` is one user text or a list of messages (see `wire.message`)."""
        return self.invoke(
            "invoke_llm",
            model_type="llm",
            model=model,
            credentials=credentials,
            prompt_messages=[user(prompt)] if isinstance(prompt, str) else prompt,
            model_parameters=model_parameters or {},
            tools=tools,
            stop=stop,
            stream=stream,
            json_schema=None,
            user_id=user_id,
        )

    def speak(self, model: str, text: str, *, credentials: Json, voice: str = "alloy") -> Session:
        """Ask a TTS model; `.sound` is what came."""
        return self.invoke(
            "invoke_tts",
            model_type="tts",
            model=model,
            credentials=credentials,
            content_text=text,
            voice=voice,
            tenant_id="t1",
        )

    def voices(self, model: str, credentials: Json, language: str | None = None) -> Session:
        """Ask for a TTS model's voices; `.value["voices"]` when done."""
        return self.invoke(
            "get_tts_model_voices",
            model_type="tts",
            model=model,
            credentials=credentials,
            language=language,
        )

    def transcribe(self, model: str, recording: bytes, *, credentials: Json) -> Session:
        """Ask a speech-to-text model; `.value["result"]` when done."""
        return self.invoke(
            "invoke_speech2text",
            model_type="speech2text",
            model=model,
            credentials=credentials,
            file=recording.hex(),
        )

    def embed(
        self,
        model: str,
        texts: list[str],
        *,
        credentials: Json,
        input_type: str = "document",
        user_id: str = "u1",
    ) -> Session:
        """Embed texts; `.value["embeddings"]` when done."""
        return self.invoke(
            "invoke_text_embedding",
            model_type="text-embedding",
            model=model,
            credentials=credentials,
            texts=texts,
            input_type=input_type,
            user_id=user_id,
        )

    def rerank(
        self,
        model: str,
        query: str,
        docs: list[str],
        *,
        credentials: Json,
        score_threshold: float = 0,
        top_n: int = 0,
    ) -> Session:
        """Rank documents (the daemon makes 0 of what was not given); `.value["docs"]` when done."""
        return self.invoke(
            "invoke_rerank",
            model_type="rerank",
            model=model,
            credentials=credentials,
            query=query,
            docs=docs,
            score_threshold=score_threshold,
            top_n=top_n,
        )

    def moderate(self, model: str, text: str, *, credentials: Json) -> Session:
        """Judge a text; `.value["result"]` when done."""
        return self.invoke(
            "invoke_moderation",
            model_type="moderation",
            model=model,
            credentials=credentials,
            text=text,
        )

    def validate_provider(self, credentials: Json) -> Session:
        """Save the provider's form."""
        return self.invoke("validate_provider_credentials", credentials=credentials)

    def validate_model(self, model: str, credentials: Json, model_type: str = "llm") -> Session:
        """Save a customizable model's form."""
        return self.invoke(
            "validate_model_credentials",
            model=model,
            model_type=model_type,
            credentials=credentials,
        )

    def num_tokens(
        self,
        model: str,
        prompt: str | list[Json],
        *,
        credentials: Json,
        tools: list[Json] | None = None,
    ) -> Session:
        """Count a prompt's tokens; `.value["num_tokens"]` when done."""
        return self.invoke(
            "get_llm_num_tokens",
            model=model,
            model_type="llm",
            credentials=credentials,
            prompt_messages=[user(prompt)] if isinstance(prompt, str) else prompt,
            tools=tools,
        )

    def schema(self, model: str, credentials: Json, model_type: str = "llm") -> Session:
        """Ask for a model's schema; `.value["model_schema"]` when done."""
        return self.invoke(
            "get_ai_model_schemas",
            model=model,
            model_type=model_type,
            credentials=credentials,
        )
