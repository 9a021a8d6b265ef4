"""The sentences of a check, in English and Chinese."""

from engine.errors.bilingual import Both

SAY: dict[str, Both] = {
    # The way there.
    "proxy": Both(
        "through the proxy {proxy}; name, connection and certificate are the proxy's affair",
        "经由代理 {proxy}；域名解析、连接和证书由代理处理",
    ),
    "no_name": Both("{host} has no address", "找不到 {host} 的地址"),
    "no_connection": Both("no connection to port {port}", "无法连接端口 {port}"),
    "connected": Both("port {port}", "端口 {port}"),
    "no_tls": Both(
        "http: the key and all prompts travel unencrypted",
        "http：密钥和所有提示词都未加密传输",
    ),
    "certificate": Both(
        "{version}, certificate good for {days} days", "{version}，证书还有 {days} 天"
    ),
    # Who is there.
    "no_family": Both(
        "no gateway that is known shows itself: another one, or the provider itself",
        "没有已知网关的特征：可能是其他网关，或直接是模型厂商",
    ),
    "url_ok": Both("{endpoint} leads to the API", "{endpoint} 指向 API"),
    "url_added": Both(
        "{endpoint}: /v1 was missing and is added, as the form does",
        "{endpoint}：缺少 /v1，已补上（表单也会这样做）",
    ),
    "url_other": Both(
        "{typed} leads to no API, but {endpoint} does",
        "{typed} 没有指向 API，而 {endpoint} 可以",
    ),
    "url_advice": Both("Type {endpoint} as API Base URL.", "接口地址请填写 {endpoint}。"),
    # The key.
    "key_ok": Both("{key}: accepted, {count} models", "{key}：有效，{count} 个模型"),
    "key_none": Both(
        "{key}: accepted, but its group has no model", "{key}：有效，但其分组没有任何模型"
    ),
    "key_no_list": Both(
        "{key}: the gateway has no list of models (HTTP 404)",
        "{key}：网关没有模型列表（HTTP 404）",
    ),
    "group_advice": Both(
        "Put the key into a group that has models, on the gateway's token page.",
        "请在网关的令牌页面把密钥改到有模型的分组。",
    ),
    "the_key": Both("the key", "密钥"),
    "key_number": Both("key {number}", "密钥 {number}"),
    # Balance.
    "unlimited": Both(
        "the key has no limit of its own; what the account holds is not told",
        "密钥本身不限额；账户余额接口没有提供",
    ),
    "left": Both("{left} left on this key", "该密钥剩余 {left}"),
    "used": Both("{used} used", "已用 {used}"),
    "limits": Both("; limits: {limits}", "；限额：{limits}"),
    "rpm": Both("{limit} requests a minute", "每分钟 {limit} 次请求"),
    "tpm": Both("{limit} tokens a minute", "每分钟 {limit} 个 token"),
    "parallel": Both("{limit} calls at once", "同时 {limit} 个调用"),
    "blocked": Both("the key is blocked", "密钥已被停用"),
    "expires": Both("; the key ends on {date}", "；密钥将于 {date} 到期"),
    "no_balance": Both("the gateway's API does not tell it", "网关的接口没有提供"),
    "top_up": Both(
        "Top up, or raise the key's quota: requests fail when the estimate exceeds it.",
        "请充值或提高密钥额度：预估费用超过余额时请求会失败。",
    ),
    # What works.
    "answered": Both("{model} answered", "{model} 已回答"),
    "answered_length": Both(
        "{model} answered, cut off by this check's own limit of tokens",
        "{model} 已回答（被本次检查的 token 上限截断）",
    ),
    "first_token": Both(
        ", first token after {seconds:.2f} s", "，首个 token 用时 {seconds:.2f} 秒"
    ),
    "tools_ok": Both("{model} called the tool", "{model} 调用了工具"),
    "tools_no": Both(
        "{model} answered in words and called no tool: it cannot, or the channel drops tools",
        "{model} 只用文字回答，没有调用工具：模型不支持，或渠道丢弃了 tools",
    ),
    "json_ok": Both("{model} kept to the JSON schema", "{model} 遵守了 JSON Schema"),
    "json_no": Both(
        "{model} did not keep to the JSON schema: it cannot, or the channel drops it",
        "{model} 没有遵守 JSON Schema：模型不支持，或渠道丢弃了它",
    ),
    "vectors": Both("{model}: {size} dimensions", "{model}：{size} 维"),
    "ranked": Both("{model} ranked the documents", "{model} 完成了重排序"),
    "no_model": Both("the key's group has no model of this type", "该密钥的分组没有这种类型的模型"),
    "no_endpoint": Both("the gateway does not have this endpoint", "网关没有这个接口"),
    "not_asked": Both("not asked", "未检查"),
    "which_model": Both(
        "not asked: several chat models are listed, none of them known to be cheap; name one with "
        "--model",
        "未检查：列出了多个对话模型，没有已知的便宜模型；请用 --model 指定",
    ),
    "choose": Both(
        "Which chat model should be asked? Number or name, Enter for the first, - for none:",
        "用哪个对话模型检查？输入序号或名称，回车选第一个，- 表示不检查：",
    ),
    "more_models": Both("… and {count} more", "……另有 {count} 个"),
    # Load.
    "load_taken": Both(
        "{taken} calls at once were let in, {refused} of {sent} refused",
        "同时放行了 {taken} 个调用，{sent} 个中有 {refused} 个被拒绝",
    ),
    "load_free": Both(
        "{sent} calls at once were all let in; it may take more",
        "同时 {sent} 个调用全部放行；或许还能更多",
    ),
    "load_broken": Both(
        "stopped at {sent} calls at once: {reason}", "在同时 {sent} 个调用时停止：{reason}"
    ),
    "load_advice": Both(
        "Max Concurrency: {proposal}. If the account has a limit per minute, that counts instead: "
        "compare Requests per Minute.",
        "最大并发数：{proposal}。如果账户限制的是每分钟请求数，则以“每分钟请求数”为准。",
    ),
    "load_none": Both(
        "not one call was let in: try again when the gateway is less busy",
        "没有任何调用被放行：请在网关不忙时再试",
    ),
    # Around it.
    "announce": Both(
        "Next, {calls} short requests go to models, and are billed",
        "接下来向模型发送 {calls} 个很短的请求（计费）",
    ),
    "announce_load": Both(
        "then at most {calls} more to {model} for --load {load}, {load} at once at the end",
        "随后因 --load {load} 再向 {model} 发送最多 {calls} 个，最后同时 {load} 个",
    ),
    "counted": Both(
        "Sent: {posts} requests to models, {pages} pages read.",
        "已发送：{posts} 个模型请求，读取 {pages} 个页面。",
    ),
    "form": Both("To type into Dify's form", "在 Dify 表单中填写"),
    "your_key": Both("the key that was checked", "刚才检查的密钥"),
    "model_of": Both("for the model {model}", "模型 {model}"),
    "all_good": Both("The gateway works.", "网关工作正常。"),
    "some_bad": Both("Something has to be put right: see above.", "有问题需要处理，见上。"),
    "is_busy": Both(
        "The gateway is there, but full or out of order at this moment; address and key may well "
        "be right.",
        "网关在，但此刻已满或故障；地址和密钥很可能没有问题。",
    ),
    "not_there": Both("The gateway was not reached.", "没有连上网关。"),
}

NAMES: dict[str, Both] = {
    "dns": Both("Name", "域名"),
    "connect": Both("Connection", "连接"),
    "tls": Both("TLS", "TLS"),
    "url": Both("API Base URL", "接口地址"),
    "latency": Both("Latency", "延迟"),
    "family": Both("Gateway", "网关"),
    "key": Both("API Key", "API Key"),
    "models": Both("Models", "模型"),
    "balance": Both("Balance", "余额"),
    "chat": Both("Chat", "对话"),
    "stream": Both("Stream", "流式输出"),
    "tools": Both("Tools", "工具调用"),
    "structured": Both("Structured output", "结构化输出"),
    "embeddings": Both("Embeddings", "文本向量"),
    "rerank": Both("Rerank", "重排序"),
    "load": Both("Load", "并发"),
}

TYPE_NAMES: dict[str, Both] = {
    "llm": Both("chat", "对话"),
    "text-embedding": Both("embedding", "向量"),
    "rerank": Both("rerank", "重排序"),
    "speech2text": Both("speech to text", "语音转文字"),
    "tts": Both("text to speech", "文字转语音"),
    "moderation": Both("moderation", "内容审查"),
    "other": Both("images and others", "图像及其他"),
}
