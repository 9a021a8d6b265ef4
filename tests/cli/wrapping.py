"""An error as people meet it: Dify's text, the daemon's SSE line, a workflow's record, a log."""

import json
from collections.abc import Callable


def official(status: int, body: str) -> str:
    """The message of the official OpenAI-compatible plugin."""
    return f"[models] Error: API request failed with status code {status}: {body}"


def in_dify(message: str, error: str = "InvokeError") -> str:
    """What a chat shows: the plugin's error as raw JSON, twice the same words."""
    return "PluginInvokeError: " + _plugin_error(message, error)


def in_daemon(message: str, error: str = "InvokeError") -> str:
    """The line of the daemon's event stream: JSON in JSON in JSON."""
    outer = {
        "message": _plugin_error(message, error),
        "error_type": "PluginInvokeError",
        "args": None,
    }
    return "data: " + json.dumps({"code": -500, "message": json.dumps(outer), "data": None})


def in_workflow(message: str, error: str = "InvokeError") -> str:
    """What `/v1/workflows/run` answers; with HTTP 200."""
    told = f"req_id: 8c0ffee001 PluginInvokeError: {_plugin_error(message, error)}"
    data = {"id": "r-1", "status": "failed", "error": told, "outputs": {}, "elapsed_time": 0.4}
    return json.dumps({"workflow_run_id": "r-1", "data": data}, ensure_ascii=False)


def in_log(message: str, error: str = "InvokeError") -> str:
    """Lines of the API's log, the error among others."""
    return (
        "2026-11-24 10:00:00,120 INFO [Thread-7] [app.py:88] - workflow started\n"
        f"2026-11-24 10:00:00,431 ERROR [Thread-7] [node.py:412] - Node n-1 failed: {error}: "
        f"{message}\n"
        "2026-11-24 10:00:00,440 INFO [Thread-7] [app.py:91] - workflow finished\n"
    )


def _plugin_error(message: str, error: str) -> str:
    fields = {"args": {"description": message}, "error_type": error, "message": message}
    return json.dumps(fields, ensure_ascii=False)


WRAPPINGS: dict[str, Callable[[str, str], str]] = {
    "dify": in_dify,
    "daemon": in_daemon,
    "workflow": in_workflow,
    "log": in_log,
}
