"""A pasted text of any size and kind, cut down to the passages that may hold an error."""

import re

LONGEST_READ = 400_000
"""Characters that are read closely in all."""

MAX_WHOLE_CHARACTERS = LONGEST_READ // 4
"""Characters of a text that is read from its beginning to its end."""

_AROUND = 12_000
"""Characters read before and after a mark in a long text; nested escapes make an error long."""

_TERMINAL_CODES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]+")

MARKS = (
    "resilient gateway", "韧性网关", "invokeerror", "plugininvoke", "error_type", "invokerate",
    "invokeauth", "invokebad", "invokeserver", "invokeconn", "credentialsvalidate", "[models]",
    "status code", "status_code", "error code", "http/1", "http/2", '"error"', "'error'",
    '\\"error', "_api_error", "_api_panic", "api-request-id", "request id:", "饱和", "满载", "令牌",
    "额度", "渠道", "限流", "请求数限制", "余额", "欠费", "ratelimit", "rate limit", "rate_limit",
    "quota", "overloaded", "无效的请求", "no channels available", "model not support", "未指定模型",
    "<html", "<!doctype", "/chat/completions", "/v1/", "bad_response", "do_request_failed",
    "panic detected", "insufficient balance", "模型", "分组", "用户已被封禁",
)  # fmt: skip
"""Without one of these, in lower case, a long text holds no error of a gateway."""


def passages(text: str) -> list[str]:
    """The passages that may hold an error, free of control characters.

    A short text is one passage. Of a long one, what is around the marks is kept: quick, and
    bounded however long the text is.
    """
    if "\x1b" in text:
        text = _TERMINAL_CODES.sub("", text)
    if len(text) <= MAX_WHOLE_CHARACTERS:
        return [_CONTROLS.sub(" ", text)] if text.strip() else []
    lower = text.lower()
    if len(lower) != len(text):
        # A few characters have a longer lower case; marks then lie a little further on.
        lower = text
    found = [mark for mark in MARKS if mark in lower]
    if not found:
        return []
    return [_CONTROLS.sub(" ", text[start:end]) for start, end in _windows(lower, found)]


def _windows(lower: str, marks: list[str]) -> list[tuple[int, int]]:
    """Stretches around the marks, in order, and bounded in all; rare marks tell most.

    In a long log a mark that every line has says nothing, and must not use the reading up.
    """
    counted = sorted((lower.count(mark), mark) for mark in marks)
    chosen: list[tuple[int, int]] = []
    left = LONGEST_READ
    for _, mark in counted:
        place = lower.find(mark)
        while place >= 0 and left > 0:
            if not any(start <= place < end for start, end in chosen):
                start, end = max(0, place - _AROUND), min(len(lower), place + _AROUND)
                chosen.append((start, end))
                left -= end - start
            place = lower.find(mark, place + _AROUND)
    return _merged(chosen)


def _merged(windows: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The same stretches in order, each part once, no longer in all than may be read."""
    merged: list[tuple[int, int]] = []
    left = LONGEST_READ
    for start, end in sorted(windows):
        begin = max(start, merged[-1][1]) if merged else start
        stop = min(end, begin + left)
        if begin >= stop:
            continue
        left -= stop - begin
        if merged and merged[-1][1] == begin:
            merged[-1] = (merged[-1][0], stop)
        else:
            merged.append((begin, stop))
    return merged
