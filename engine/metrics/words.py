"""Every sentence of the status page, in both languages."""

from engine.errors.bilingual import Both

WORDS = {
    "title": Both("Resilient Gateway: status", "Resilient Gateway：状态"),
    "instance": Both("Instance", "实例"),
    "gateway": Both("Gateway", "网关"),
    "model": Both("Model", "模型"),
    "key": Both("Key", "密钥"),
    "waiting": Both("Waiting", "等待中"),
    "in_flight": Both("In flight", "进行中"),
    "limit": Both("Limit", "并发上限"),
    "minutes": Both("Limit, last 5 minutes", "近 5 分钟并发上限"),
    "state": Both("State", "状态"),
    "failures": Both("Latest failures", "最近的失败"),
    "no_failures": Both("No call was given up.", "没有放弃任何调用。"),
    "no_routes": Both("Nothing was called within the last hour.", "最近一小时没有调用。"),
    "open": Both("nothing is admitted", "网关不接受任何请求"),
    "half_open": Both("one call tries it", "正用一次调用试探"),
    "closed": Both("admits calls", "正常"),
    "cooldown": Both("cooling down, {seconds} s left", "冷却中，还剩 {seconds} 秒"),
    "rest": Both("key set aside, {seconds} s left", "密钥暂停使用，还剩 {seconds} 秒"),
    "other_language": Both("中文", "English"),
    "key_note": Both(
        "A key is shown by the beginning of its hash. The page renews itself every 5 seconds.",
        "密钥只显示其哈希值的开头。页面每 5 秒自动刷新。",
    ),
}
