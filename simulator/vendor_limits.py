"""What the vendors refuse at the endpoints that take texts or sound and give back no words."""

from dataclasses import dataclass

OPENAI_VOICES = frozenset(
    {"alloy", "ash", "ballad", "coral", "echo", "fable", "nova", "onyx", "sage", "shimmer", "verse"}
)


@dataclass(frozen=True, slots=True)
class Limit:
    """A rule of some models; every row that fits a name counts.

    Attributes:
        models: pattern of whole names, in small letters, without a vendor in front.
        source: where the vendor says so.
        texts: most texts in one request; 0 for any number.
        characters: longest text; 0 for any.
        voices: the voices that there are; empty for any.
        refused: fields that it refuses.
        needed: fields without which it refuses.
    """

    models: str
    source: str
    texts: int = 0
    characters: int = 0
    voices: frozenset[str] = frozenset()
    refused: frozenset[str] = frozenset()
    needed: frozenset[str] = frozenset()


LIMITS: tuple[Limit, ...] = (
    Limit(
        r"text-embedding-(3|ada).*",
        "platform.openai.com/docs/api-reference/embeddings",
        texts=2048,
        needed=frozenset({"input"}),
    ),
    Limit(
        r"text-embedding-ada-002",
        "platform.openai.com/docs/api-reference/embeddings",
        refused=frozenset({"dimensions"}),
    ),
    Limit(
        r"text-embedding-v[34]",
        "help.aliyun.com/zh/model-studio/text-embedding-synchronous-api",
        texts=10,
    ),
    Limit(r"gemini-embedding-.*", "ai.google.dev/api/embeddings", texts=100),
    Limit(r"embedding-3", "docs.bigmodel.cn/api-reference, embeddings", texts=64),
    Limit(r"(bge-m3|qwen3-embedding-.*)", "docs.siliconflow.cn, create-embeddings", texts=32),
    Limit(r"voyage-4.*", "docs.voyageai.com/reference/embeddings-api", texts=1000),
    Limit(r"jina-embeddings-.*", "jina.ai/embeddings, as in Dify's jina plugin", texts=2048),
    Limit(r"embed-v4\.0", "docs.cohere.com/reference/embed", texts=96),
    Limit(
        r"(tts-1.*|gpt-4o-mini-tts.*)",
        "platform.openai.com/docs/api-reference/audio/createSpeech",
        characters=4096,
        needed=frozenset({"input", "voice"}),
    ),
    Limit(
        r"tts-1.*",
        "platform.openai.com/docs/api-reference/audio/createSpeech",
        voices=OPENAI_VOICES - {"ballad", "verse"},
    ),
    Limit(
        r"gpt-4o-mini-tts.*",
        "platform.openai.com/docs/guides/text-to-speech",
        voices=OPENAI_VOICES | {"marin", "cedar"},
    ),
    Limit(
        r"cosyvoice2-0\.5b",
        "docs.siliconflow.cn, create-speech",
        voices=frozenset(
            f"FunAudioLLM/CosyVoice2-0.5B:{name}"
            for name in (
                *("alex", "anna", "bella", "benjamin"),
                *("charles", "claire", "david", "diana"),
            )
        ),
    ),
    Limit(r"qwen3-rerank", "help.aliyun.com/zh/model-studio, text rerank", texts=500),
    Limit(r"rerank-v.*", "docs.cohere.com/reference/rerank", texts=1000),
    Limit(r"rerank-2\.5.*", "docs.voyageai.com/reference/reranker-api", texts=1000),
)
