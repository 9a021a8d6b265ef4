"""What the page says, in English and Chinese."""

from engine.errors.bilingual import Both

SEED = (
    'PluginInvokeError: {"args":{"description":"[models] Error: API request failed with status '
    'code 429: {\\"error\\": {\\"message\\": \\"当前分组上游负载已饱和,请稍后再试\\", \\"type\\": '
    '\\"rix_api_error\\", \\"param\\": \\"\\", \\"code\\": \\"RateLimitReached\\"}}"},'
    '"error_type":"InvokeError","message":"[models] Error: API request failed with status code '
    '429"}'
)
"""The error that this project began with, as Dify shows it."""

EXAMPLES: tuple[tuple[Both, str], ...] = (
    (Both("Saturated, in Dify", "负载已饱和（Dify）"), SEED),
    (
        Both("Key refused, in a client", "密钥无效（客户端）"),
        "错误名称: AI_APICallError\n错误信息: Invalid Token (request id: 20260318)\n状态码: 401",
    ),
    (
        Both("No channel", "无可用渠道"),
        "Error: 分组 default 下模型 gpt-4o 无可用渠道（distributor） (request id: 20260424)",
    ),
    (
        Both("Prompt too long", "提示词过长"),
        "Error code: 400 - {'error': {'message': \"This model's maximum context length is 8192 "
        "tokens. However, your messages resulted in 9001 tokens.\", 'type': "
        "'invalid_request_error', 'param': 'messages', 'code': 'context_length_exceeded'}}",
    ),
    (
        Both("Only a status", "只有状态码"),
        "Credentials validation failed with status code 402",
    ),
)
"""Titles of examples, and what they put into the box."""

TEXTS: dict[str, Both] = {
    "title": Both("What does this error mean?", "这个报错是什么意思？"),
    "lead": Both(
        "Paste an error of Dify, of an API gateway (One API, New API, DMXAPI, LiteLLM …) or of a "
        "model's provider, and read what it means, whom it affects and what to do.",
        "粘贴 Dify、API 中转网关（One API、New API、DMXAPI、LiteLLM 等）或模型厂商的报错，"
        "即可看到它的含义、影响范围和处理办法。",
    ),
    "skip": Both("Skip to the error box", "跳到输入框"),
    "box": Both("The error", "报错内容"),
    "privacy": Both(
        "Nothing that you paste leaves this page: the report is made in your browser, and the "
        "page may connect to nothing but its own files.",
        "粘贴的内容不会离开本页面：报告在您的浏览器中生成，页面除自身文件外不允许任何网络连接。",
    ),
    "examples": Both("Examples:", "示例："),
    "clear": Both("Clear", "清空"),
    "copy": Both("Copy as Markdown", "复制为 Markdown"),
    "copied": Both("Copied.", "已复制。"),
    "not_copied": Both(
        "The browser did not allow it: select the report and copy it.",
        "浏览器不允许复制：请选中报告后手动复制。",
    ),
    "theme": Both("Light or dark", "浅色或深色"),
    "loading": Both(
        "Loading Python for the browser, once …", "正在加载浏览器中的 Python（只需一次）……"
    ),
    "reading": Both("Reading …", "正在分析……"),
    "too_old": Both(
        "The report could not be started: this page needs a browser of 2024 or later.",
        "无法生成报告：本页面需要 2024 年以后的浏览器。",
    ),
    "no_script": Both(
        "The report needs JavaScript. The table below does not.",
        "生成报告需要启用 JavaScript；下面的表格不需要。",
    ),
    "report": Both("Report", "报告"),
    "found_none": Both("No error of a gateway or model.", "不是网关或模型的报错。"),
    "found": Both("Errors found:", "识别到的错误："),
    "table": Both("All failures that are known", "所有已知的错误"),
    "search": Both("Search the table", "搜索表格"),
    "shown": Both("rows shown:", "显示行数："),
    "what": Both("What happened", "发生了什么"),
    "class": Both("Class in Dify", "Dify 中的错误类型"),
    "repeats": Both("Repeats by the plugin", "插件的重试"),
    "remedy": Both("What to do", "怎么办"),
    "made_by": Both(
        "Part of Resilient Gateway, a Dify plugin that waits and retries where others fail. Python "
        "runs in the browser by Pyodide (MPL 2.0).",
        "Resilient Gateway 的一部分：一个在网关繁忙时排队和重试的 Dify 插件。"
        "浏览器中的 Python 由 Pyodide（MPL 2.0）提供。",
    ),
}
