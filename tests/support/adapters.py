"""The adapter of each model type."""

from dify_plugin.entities.model import ModelType
from dify_plugin.interfaces.model.ai_model import AIModel

from models.llm.llm import ResilientLargeLanguageModel
from models.moderation.moderation import ResilientModerationModel
from models.rerank.rerank import ResilientRerankModel
from models.speech2text.speech2text import ResilientSpeech2TextModel
from models.text_embedding.text_embedding import ResilientTextEmbeddingModel
from models.tts.tts import ResilientTTSModel

ADAPTERS: dict[ModelType, type[AIModel]] = {
    ModelType.LLM: ResilientLargeLanguageModel,
    ModelType.TEXT_EMBEDDING: ResilientTextEmbeddingModel,
    ModelType.RERANK: ResilientRerankModel,
    ModelType.MODERATION: ResilientModerationModel,
    ModelType.SPEECH2TEXT: ResilientSpeech2TextModel,
    ModelType.TTS: ResilientTTSModel,
}
