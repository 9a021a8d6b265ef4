"""What only endpoints with a result know: refused batches, and results that are wrong or odd."""

from simulator.catalogue.row import Row, rows

_EMBEDDINGS = ("embeddings",)
_RERANK = ("rerank",)
_MODERATIONS = ("moderations",)
_LISTED = ("embeddings", "rerank", "moderations")
_WRONG = "seen: a malformed answer"
_SEEN = "openai rix new-api"

RESULTS: tuple[Row, ...] = (
    *rows(_SEEN, "batch-2", "DashScope 400: batch size is invalid", endpoints=_EMBEDDINGS),
    *rows(_SEEN, "context-40", "OpenAI 400: maximum context length", endpoints=_EMBEDDINGS),
    *rows("openai rix", "refuses-encoding_format", "400: only float", endpoints=_EMBEDDINGS),
    *rows("openai rix", "refuses-dimensions", "400: no dimensions", endpoints=_EMBEDDINGS),
    *rows(_SEEN, "result-null result-none", _WRONG, endpoints=_LISTED),
    *rows(_SEEN, "result-too-few", _WRONG, endpoints=("embeddings", "moderations")),
    *rows(_SEEN, "result-too-many", _WRONG, endpoints=_EMBEDDINGS),
    *rows(_SEEN, "index-twice index-beyond", _WRONG, endpoints=("embeddings", "rerank")),
    *rows("openai", "index-negative index-as-text", _WRONG, endpoints=("embeddings", "rerank")),
    *rows("openai", "vector-zero vector-nan vector-nan-base64", _WRONG, endpoints=_EMBEDDINGS),
    *rows("openai", "vector-infinite vector-empty vector-null", _WRONG, endpoints=_EMBEDDINGS),
    *rows("openai", "vector-shorter vector-of-words", _WRONG, endpoints=_EMBEDDINGS),
    *rows("openai", "vector-no-base64", _WRONG, endpoints=_EMBEDDINGS),
    *rows("openai", "index-missing", _WRONG, endpoints=_RERANK),
    *rows("openai", "score-nan score-as-text score-missing", _WRONG, endpoints=_RERANK),
    *rows("openai", "verdict-missing verdict-as-text", _WRONG, endpoints=_MODERATIONS),
    *rows(_SEEN, "index-reversed", "success: any order", endpoints=("embeddings", "rerank")),
    *rows(
        "one-api openai",
        "index-all-zero",
        "success: One API's Gemini channel writes index 0 everywhere",
        endpoints=_EMBEDDINGS,
    ),
    *rows("openai", "index-absent", "success: in order, without index", endpoints=_EMBEDDINGS),
    *rows(_SEEN, "vectors-as-numbers", "success: ignores the encoding", endpoints=_EMBEDDINGS),
    *rows(_SEEN, "usage-zero", "success: §5 usage of zeros", endpoints=("embeddings", "rerank")),
    *rows("openai", "vectors-by-batch", "success: a size for each batch", endpoints=_EMBEDDINGS),
    *rows("openai", "dimensions-8", "success: another size", endpoints=_EMBEDDINGS),
    *rows(_SEEN, "documents-as-text documents-absent", "success: §5", endpoints=_RERANK),
    *rows("openai rix", "results-under-data", "success: Voyage's name", endpoints=_RERANK),
)
