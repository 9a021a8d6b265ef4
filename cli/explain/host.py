"""Errors of Dify, its plugin daemon and its plugins themselves: no gateway has a part in them.

One row an error, the first that is found decides. Sources: plugin daemon 0.6.10 (install, launch,
invocation), Dify 1.10 (validation), and reports of their users.
"""

import re
from dataclasses import dataclass

from engine.errors import Language
from engine.errors.bilingual import Both


@dataclass(frozen=True, slots=True)
class HostError:
    """An error of the host's own.

    Attributes:
        name: stable.
        pattern: what is said, in any case.
        cause: what happened.
        remedy: what to do.
    """

    name: str
    pattern: str
    cause: Both
    remedy: Both


HOST_ERRORS: tuple[HostError, ...] = (
    HostError(
        "signature_refused",
        r"plugin verification has been enabled|bad signature|signature (?:verification|is invalid)"
        r"|invalid signature|FORCE_VERIFYING_SIGNATURE|插件.{0,10}签名",
        Both(
            "Dify's plugin daemon installs signed plugins only, and this one's signature is "
            "missing or not trusted.",
            "Dify 插件守护进程只安装已签名的插件，而该插件没有签名或签名不受信任。",
        ),
        Both(
            "Install a signed package and name its public key in "
            "THIRD_PARTY_SIGNATURE_VERIFICATION_PUBLIC_KEYS, or set "
            "FORCE_VERIFYING_SIGNATURE=false for the daemon, and restart it.",
            "请安装已签名的包并在 THIRD_PARTY_SIGNATURE_VERIFICATION_PUBLIC_KEYS 中填写其公钥；"
            "或为守护进程设置 FORCE_VERIFYING_SIGNATURE=false 并重启。",
        ),
    ),
    HostError(
        "dependencies_failed",
        r"failed to install dependenc|init environment failed|failed to (?:init|create) "
        r"(?:python )?(?:environment|virtual environment)"
        r"|uv (?:sync|pip install).{0,80}(?:failed|exit)"
        r"|no matching distribution found|could not find a version that satisfies"
        r"|安装依赖.{0,10}失败|依赖安装失败",
        Both(
            "The daemon could not install the plugin's Python packages.",
            "守护进程未能安装插件的 Python 依赖。",
        ),
        Both(
            "Give the daemon a way to a Python package index: PIP_MIRROR_URL for a mirror, "
            "HTTP_PROXY and HTTPS_PROXY for a proxy; raise PYTHON_ENV_INIT_TIMEOUT where the "
            "network is slow. Then install again.",
            "请让守护进程能访问 Python 软件源：用 PIP_MIRROR_URL 指定镜像，或设置 HTTP_PROXY、"
            "HTTPS_PROXY；网络较慢时调大 PYTHON_ENV_INIT_TIMEOUT，然后重新安装。",
        ),
    ),
    HostError(
        "launch_failed",
        r"failed to launch plugin|failed to start plugin|plugin exited|ModuleNotFoundError: No "
        r"module named|ImportError: cannot import name|插件启动失败",
        Both(
            "The plugin could not be started: a Python module is missing or does not fit.",
            "插件无法启动：缺少某个 Python 模块，或其版本不匹配。",
        ),
        Both(
            "Install the plugin again, in its newest version; if it still fails, report the "
            "module's name with the daemon's log to the plugin's author. A proxy named with "
            "socks:// needs a module that many plugins lack: use an http:// proxy.",
            "请重新安装该插件的最新版本；仍然失败时，请把模块名和守护进程日志反馈给插件作者。"
            "socks:// 代理需要很多插件没有的模块：请改用 http:// 代理。",
        ),
    ),
    HostError(
        "plugin_not_running",
        r"no available node|plugin (?:runtime )?not found|plugin not (?:installed|exist)"
        r"|failed to find plugin|plugin \S{1,120} (?:is )?not found|no plugin runtime"
        r"|PluginNotFoundError|PluginUniqueIdentifierError|插件(?:不存在|未找到|未安装)",
        Both(
            "The plugin that serves this model is not running: it is not installed any more, still "
            "starting, or has failed to start.",
            "提供该模型的插件没有在运行：已被卸载、仍在启动，或启动失败。",
        ),
        Both(
            "Look at Plugins in Dify, and at the plugin daemon's log; wait a minute after a "
            "restart, else install the plugin again. After an upgrade choose the model again.",
            "请在 Dify 的“插件”页面和插件守护进程的日志中查看；重启后请等一分钟，"
            "仍然如此则重新安装插件。升级插件后请重新选择模型。",
        ),
    ),
    HostError(
        "killed_by_timeout",
        r"killed by timeout|invocation timed? ?out|PLUGIN_MAX_EXECUTION_TIMEOUT"
        r"|plugin (?:invocation|execution) time(?:d )?out",
        Both(
            "The daemon ended the call as it took longer than it allows (600 s unless set "
            "otherwise); the model had not finished by then.",
            "调用超过了守护进程允许的时间（默认 600 秒），被强制结束；那时模型尚未完成。",
        ),
        Both(
            "Ask for a shorter answer or choose a faster model; the operator may raise "
            "PLUGIN_MAX_EXECUTION_TIMEOUT of the daemon and of Dify's API together.",
            "请要求更短的回答或换用更快的模型；运营方可同时调大守护进程和 Dify API 的 "
            "PLUGIN_MAX_EXECUTION_TIMEOUT。",
        ),
    ),
    HostError(
        "daemon_unreachable",
        r"failed to request plugin daemon|plugin daemon (?:is )?(?:not available|unreachable)"
        r"|connection to plugin daemon|Request error for plugin daemon",
        Both(
            "Dify does not reach its plugin daemon.",
            "Dify 无法连接插件守护进程。",
        ),
        Both(
            "See that the plugin_daemon container runs, and that PLUGIN_DAEMON_URL and "
            "PLUGIN_DAEMON_KEY are the same on both sides.",
            "请确认 plugin_daemon 容器正在运行，且两边的 PLUGIN_DAEMON_URL 和 "
            "PLUGIN_DAEMON_KEY 一致。",
        ),
    ),
    HostError(
        "too_few_threads",
        r"can't start new thread|cannot allocate memory|MemoryError|out of memory|OOMKilled"
        r"|Resource temporarily unavailable|Too many open files",
        Both(
            "The machine or container of the plugin daemon is out of threads, files or memory.",
            "插件守护进程所在的机器或容器的线程、文件数或内存已用尽。",
        ),
        Both(
            "Raise the container's limits (pids, memory, open files), run fewer plugins or "
            "parallel calls, and restart the daemon.",
            "请提高容器的限制（pids、内存、打开文件数），减少插件或并行调用，并重启守护进程。",
        ),
    ),
    HostError(
        "field_missing",
        r"Field validation for '\w{1,60}' failed on the '\w{1,40}' tag",
        Both(
            "Dify did not send the daemon all that this call needs: a field is empty.",
            "Dify 没有把这次调用所需的内容全部传给守护进程：有字段为空。",
        ),
        Both(
            "Open the node or the app's settings, and choose the value that the error names again "
            "(for speech: the voice); then save.",
            "请打开节点或应用的设置，重新选择报错中提到的值（语音合成为音色），然后保存。",
        ),
    ),
    HostError(
        "credentials_missing",
        r"provider_not_initialize|credentials is not initialized|model_currently_not_support"
        r"|provider_quota_exceeded",
        Both(
            "Dify has no credentials for this model, or its own hosted quota is used up.",
            "Dify 中没有该模型的凭据，或 Dify 自带的额度已用尽。",
        ),
        Both(
            "Enter the API key under Settings, Model Provider, and choose the model again.",
            "请在“设置 - 模型供应商”中填写 API Key，并重新选择模型。",
        ),
    ),
    HostError(
        "app_key_refused",
        r"^access token is invalid$|Authorization header must be provided and start with",
        Both(
            "Dify's own API refused the key of the app; no gateway was asked.",
            "Dify 自己的 API 拒绝了应用的密钥；并没有请求网关。",
        ),
        Both(
            "Copy the app's key (app-…) from its API access page; the key of a gateway or a "
            "model's provider does not work there.",
            "请从应用的“访问 API”页面复制密钥（app-…）；网关或模型厂商的密钥在那里无效。",
        ),
    ),
    HostError(
        "plugin_fault",
        r"PluginInvokeError.{0,400}(?:KeyError|TypeError|AttributeError|IndexError|ValueError"
        r"|RuntimeError|NameError|AssertionError|UnboundLocalError|ValidationError)"
        r"|during credentials validation.{0,20}object (?:has no attribute|is not)"
        r"|the plugin itself failed",
        Both(
            "The plugin itself failed: its code, not the gateway.",
            "插件自身的代码出错，与网关无关。",
        ),
        Both(
            "Install the plugin's newest version, or report it to the plugin's author with the "
            "daemon's log.",
            "请安装该插件的最新版本，或附上守护进程日志反馈给插件作者。",
        ),
    ),
)

_MAX_CHARACTERS = 100_000
_HOST = re.compile(r"plugin|dify|daemon|failed to install dependencies|插件", re.IGNORECASE)
"""Where nothing speaks of plugins, a missing module is anybody's."""

_ALONE = frozenset(
    {"signature_refused", "plugin_not_running", "killed_by_timeout", "credentials_missing",
     "app_key_refused", "field_missing", "plugin_fault"}
)  # fmt: skip
"""Errors whose words only Dify and its daemon use."""


def told_of(error: HostError, language: Language) -> dict[str, str]:
    """What there is to say of it: its stable name, its cause, and what to do."""
    return {
        "name": error.name,
        "cause": error.cause.say(language),
        "remedy": error.remedy.say(language),
    }


def host_error_in(text: str) -> HostError | None:
    """The error of Dify's own that a text holds, if it holds one."""
    text = text[:_MAX_CHARACTERS]
    is_hosts = _HOST.search(text) is not None
    for error in HOST_ERRORS:
        if (is_hosts or error.name in _ALONE) and re.search(
            error.pattern, text, re.IGNORECASE | re.DOTALL
        ):
            return error
    return None
