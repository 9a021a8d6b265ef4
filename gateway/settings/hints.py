"""What may be typed into each field, in Chinese: it follows what English says is wrong."""

_CHOOSE = "请从选项中选择"

HINTS = {
    "endpoint_url": "接口地址（API Base URL）请填写网关的网址，例如 https://api.example.com/v1。",
    "api_key": "API Key 请从网关的“令牌”页面重新复制，多个之间用逗号分隔。",
    "max_retry_seconds": "最长等待秒数请填写 0（不等待）到 480 之间的数字，或留空。",
    "fallback_models": "备用模型请填写网关模型列表中的名称，用逗号分隔，或留空。",
    "max_concurrency": "最大并发数请填写 1 到 999999 之间的整数，或留空由插件自动探测。",
    "requests_per_minute": "每分钟请求数请填写 1 到 999999 之间的整数，或留空由插件自动探测。",
    "tokens_per_minute": "每分钟 token 数请填写 1 到 100000000 之间的整数，或留空由插件自动探测。",
    "settings": f"高级设置{_CHOOSE}。",
    "message_language": f"提示信息的语言{_CHOOSE}。",
    "context_size": "上下文长度请填写 token 数，例如 128000（不带字母和逗号），或留空按名称识别。",
    "max_tokens_to_sample": "最大输出长度请填写 token 数，例如 8192，或留空按名称识别。",
    "max_chunks": "单次请求的文本数请填写 1 以上的整数，或留空。",
    "dimensions": "向量维度请填写整数，例如 1024，或留空使用模型自身的维度。",
    "language": "录音语言请填写语言代码，例如 zh、en，或留空由模型自动识别。",
    "pricing": "价格请填写每百万 token 的输入价、输出价和币种，例如 2.5, 10 USD，或留空。",
    "cache_ttl_seconds": "缓存秒数请填写 0（关闭）到 86400 之间的整数，或留空。",
    "extra_headers": '附加请求头请填写 JSON 对象，例如 {"X-Team": "search"}，或留空。',
    "extra_body": '附加请求参数请填写 JSON 对象，例如 {"top_k": 20}，或留空。',
    "max_text_tokens": "单条文本最大长度请填写 token 数，例如 8192，或留空按名称识别。",
    "mode": f"接口类型{_CHOOSE}；补全模型没有 Responses 接口。",
    "api_type": f"接口类型{_CHOOSE}；补全模型没有 Responses 接口。",
    "function_calling_type": f"工具调用{_CHOOSE}。",
    "image_embedding_support": f"图片向量{_CHOOSE}。",
    "stream_function_calling": f"流式输出中的工具调用{_CHOOSE}。",
    "vision_support": f"图片和视频输入{_CHOOSE}；Responses 接口不支持视频。",
    "audio_support": f"音频输入{_CHOOSE}；Responses 接口不支持音频。",
    "video_support": f"视频输入{_CHOOSE}；Responses 接口不支持视频。",
    "document_support": f"文档输入{_CHOOSE}。",
    "structured_output_support": f"结构化输出{_CHOOSE}。",
    "agent_thought_support": f"思考模式{_CHOOSE}。",
    "cache_scope": f"缓存的聊天回答{_CHOOSE}。",
}
"""A sentence for every field that is checked, by its variable."""
