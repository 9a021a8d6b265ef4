"""What conversations of several tests are made of: tools, their calls, a picture."""

import json
from typing import Any

from devtools import Json, Session

TOOLS: list[Json] = [
    {
        "name": name,
        "description": f"Get the {name}",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
    }
    for name in ("get_weather", "get_time")
]
WEATHER = ("get_weather", {"city": "北京", "unit": "celsius"})
CLOCK = ("get_time", {"zone": "Asia/Shanghai"})
"""Calls that the simulator makes."""

CALL: Json = {
    "id": "call_1",
    "type": "function",
    "function": {"name": "get_weather", "arguments": '{"city":"北京"}'},
}
PICTURE: Json = {
    "type": "image",
    "format": "png",
    "mime_type": "image/png",
    "base64_data": "QUJD",
    "url": "",
    "detail": "high",
}


def calls_of(session: Session) -> list[tuple[str, Any]]:
    """Names and arguments, which are parsed as Dify parses them."""
    return [
        (call["function"]["name"], json.loads(call["function"]["arguments"]))
        for call in session.tool_calls
    ]
