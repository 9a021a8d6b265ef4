"""Texts that are no gateway's error, as people paste them by mistake."""

import json
import random

NOISE_BYTES = 5_000_000


def _noise(alphabet: str) -> str:
    """Every worker makes it before its first test, so it is drawn in pieces of a few kilobytes."""
    rng = random.Random(8)
    pieces = ["".join(rng.choices(alphabet, k=5_000)) for _ in range(20)]
    return "".join(rng.choices(pieces, k=NOISE_BYTES // 5_000))


def _lines(*lines: str) -> str:
    return "\n".join(lines)


_TRACEBACK = _lines(
    "Traceback (most recent call last):",
    '  File "/app/api/core/workflow/nodes/llm/node.py", line 412, in _run',
    "    result = self._invoke_llm(model, prompt)",
    '  File "/app/api/core/model_manager.py", line 408, in _round_robin_invoke',
    "    raise KeyError(name)",
)

STRANGERS: dict[str, str] = {
    # Nothing, or nothing that can be read.
    "empty": "",
    "spaces": " \n\t  \n",
    "control characters": "".join(map(chr, range(32))) * 200,
    "terminal codes": "\x1b[31m\x1b[2J\x1b]0;title\x07" * 50,
    "zero bytes": "\x00" * 5_000,
    "half a surrogate": "\ud83d\ud83d\ud83d error",
    "binary": bytes(range(256)).decode("latin-1") * 40,
    "5 MB of noise": _noise("abcdefghij {}[]\":,\\'<>\n0123456789"),
    "5 MB of braces": "{" * NOISE_BYTES,
    "5 MB of backslashes": "\\" * NOISE_BYTES,
    "5 MB of Chinese": _noise("我们今天去公园看花很开心的了是不在人有这个。，\n"),
    "5 MB of almost errors": '{"error": ' * (NOISE_BYTES // 10),
    "5 MB of one quoted word": '"message": "' * (NOISE_BYTES // 12),
    # Python.
    "a KeyError": f"{_TRACEBACK}\nKeyError: 'choices'",
    "a ValueError": f"{_TRACEBACK}\nValueError: invalid literal for int() with base 10: '429'",
    "a database": f"{_TRACEBACK}\nsqlalchemy.exc.OperationalError: connection to server at db "
    "failed: Connection refused",
    "Redis": f"{_TRACEBACK}\nredis.exceptions.ConnectionError: Error 111 connecting to redis:6379. "
    "Connection refused.",
    "a web page that could not be fetched": f"{_TRACEBACK}\nrequests.exceptions.ConnectTimeout: "
    "HTTPSConnectionPool(host='example.com', port=443): Max retries exceeded with url: /news",
    "source code": "def test():\n    with pytest.raises(InvokeRateLimitError):\n        ask()\n",
    # Dify's own faults.
    "a plugin's bug": 'PluginInvokeError: {"args":{},"error_type":"KeyError","message":"\'data\'"}',
    "the plugin's own bug": "Resilient Gateway: the plugin itself failed (KeyError). Please report "
    "this with the plugin daemon's log; trying again may help.",
    "the daemon's limit": 'data: {"code":-500,"message":"{\\"message\\":\\"killed by timeout\\",'
    '\\"error_type\\":\\"PluginDaemonInternalServerError\\",\\"args\\":null}","data":null}',
    "no runtime": '{"error_type":"PluginDaemonInternalServerError","message":"no available node, '
    'plugin runtime not found","args":null}',
    "Dify is down": '{"code":"internal_server_error","message":"Internal Server Error",'
    '"status":500}',
    "a missing input": '{"code":"invalid_param","message":"query is required in input form",'
    '"status":400}',
    "Dify's own key": '{"code":"unauthorized","message":"Access token is invalid","status":401}',
    "no credentials in Dify": '{"code":"provider_not_initialize","message":"Model credentials is '
    'not initialized.","status":400}',
    "a workflow that succeeded": json.dumps(
        {"data": {"status": "succeeded", "outputs": {"text": "done"}, "error": None}}
    ),
    "a node that ran wrong code": json.dumps(
        {"node_id": "n", "status": "failed", "error": "NameError: name 'x' is not defined"}
    ),
    "a tool that has no connection": 'PluginInvokeError: {"args":{},"error_type":'
    '"ToolProviderCredentialValidationError","message":"HTTPSConnectionPool(host=\'api.example.com'
    "', port=443): Max retries exceeded with url: /search (Caused by NewConnectionError)\"}",
    "a daemon without the plugin": "ERROR [base.py:305] Error in stream response {'code': "
    '-500, \'message\': \'{"message":"no available node","error_type":'
    '"PluginDaemonInternalServerError"}\'} POST http://plugin:5002/x "HTTP/1.1 404 Not Found"',
    "another app's API": "invoke failed: request failed with status code: 500 and respond with: "
    '{"message":"Internal Server Error","code":"unknown","status":500}',
    "Dify's own limit": "Call api error: 429 Too many requests. Error code: 1015",
    "an unreadable document": "Failed to extract: PDFSyntaxError: No /Root object! Is this a PDF?",
    # What works.
    "an answer": json.dumps(
        {
            "id": "c",
            "object": "chat.completion",
            "choices": [
                {"message": {"content": "HTTP 429 means too many"}, "finish_reason": "stop"}
            ],
        }
    ),
    "a stream": 'data: {"choices":[{"delta":{"content":"hi"},"finish_reason":"stop"}]}\n\n'
    "data: [DONE]\n",
    "an access log": '10.0.0.1 - - [24/Nov/2026] "POST /v1/chat/completions HTTP/1.1" 200 512\n'
    * 9,
    "a request": '{"model":"gpt-4o","messages":[{"role":"user","content":"what is error 429?"}]}',
    # Prose.
    "a question": "How do I set a rate limit of 60 requests a minute for my Dify app?",
    "a story": "The queue was long, the quota was used up, and the ferry was overloaded.",
    "a budget": "我们公司的报销额度已用尽，请下月再申请。",
    "Chinese prose": "今天系统很繁忙，银行说余额不足，分组讨论也取消了，令牌环网络是老技术。",
    "documentation": "Status code 429 (Too Many Requests) asks a client to slow down; 503 says "
    "the server is overloaded. See RFC 6585.",
    "a changelog": "- fix: InvokeRateLimitError is raised for 429\n- feat: error_type in outputs",
    "HTML of a shop": "<!DOCTYPE html><html><head><title>Shop</title></head><body>Sale!</body>",
    # Errors of other programs.
    "another API": '{"error":{"message":"Invalid OAuth access token.","type":"OAuthException",'
    '"code":190}}',
    "a code host": '{"message":"Not Found","documentation_url":"https://docs.example.com/rest"}',
    "a cluster": '{"kind":"Status","status":"Failure","message":"pods \\"x\\" not found",'
    '"code":404}',
    "a build": "npm ERR! code E404\nnpm ERR! 404 Not Found - GET https://registry.example.com/x",
    "a shell": "bash: dify: command not found",
    "a certificate of a mail server": "smtplib: ssl.SSLCertVerificationError: certificate verify "
    "failed: mail.example.com",
}
