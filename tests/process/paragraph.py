"""What every message has to be that a person reads."""

import re

LONGEST = 2048
"""Bytes; Dify shows it as a toast for 6 s."""

FORBIDDEN = {
    "the SDK's prefix": r"\[models\]",
    "more than one paragraph": r"[\r\n\t]|  ",
    "markdown or markup": r"[`<>]|\*\*|^#|\]\(",
    "an address": r"https?:|\d+\.\d+\.\d+\.\d+|localhost|@|\.(com|org|net|cn|internal|local)\b",
    "a key, if only a masked one": r"sk-\w",
    "a balance": r"[＄$¥]\s?\d|Quota = ?\d|额度: ?\d|quota: ?\d",
    "a page": r"(?i)doctype|nginx|cloudflare",
}


def faults_of(message: str) -> list[str]:
    """What is wrong with a message; empty if nothing is."""
    found = [name for name, pattern in FORBIDDEN.items() if re.search(pattern, message)]
    if not message.startswith(("Resilient Gateway: ", "韧性网关插件：")):
        found.append("the provider's name is not its beginning")
    if len(message.encode()) >= LONGEST:
        found.append(f"{len(message.encode())} bytes")
    return found
