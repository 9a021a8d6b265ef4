"""The README files of a plugin for one gateway; they hold what the marketplace asks for."""

from string import Template

from cli.build.known import TYPES
from cli.build.plan import Plan

ENGLISH = Template("""\
# $label

$description

It has the $count models that $url listed for the key it was built with: $types. Inside is
Resilient Gateway $engine, the general plugin, unchanged: calls wait for their turn when the gateway
is full, are retried safely, and errors say what to do.

## Install and use

1. Install the package in Dify (1.6.0 or newer): Plugins, Install plugin, Local Package File.
2. Under Settings, Model Provider, $label: $typed Save.
3. Choose one of its models in your app. Turn "Retry on failure" of the node off.

For example, a chat with one of its models in a new app shows that it works; prices are those of the
gateway. A model that came later: build the plugin again, or Add Model with its name.

All fields are described under
[Configuration](https://github.com/resilient-gateway/resilient-gateway/blob/main/docs/configuration.md),
what is sent where in [PRIVACY.md](PRIVACY.md). Sources:
https://github.com/resilient-gateway/resilient-gateway (MIT License).
""")

CHINESE = Template("""\
# $label

$description

包含 $url 向构建时所用密钥列出的 $count 个模型：$types。内含通用插件 Resilient Gateway $engine，
未作改动：网关饱和时调用自动排队、安全重试，报错说清该怎么办。

## 安装与使用

1. 在 Dify（1.6.0 或更高版本）中安装：插件 → 安装插件 → 本地插件。
2. 设置 → 模型供应商 → $label：$typed保存。
3. 在应用中选择它的模型，并关闭节点的“失败时重试”。

例如，新建应用并与其中一个模型对话，即可确认可用；价格以网关为准。之后新增的模型：重新构建插件，
或用“添加模型”填写名称。

全部字段见[配置说明](https://github.com/resilient-gateway/resilient-gateway/blob/main/docs/zh/configuration.md)。
源代码：https://github.com/resilient-gateway/resilient-gateway（MIT 许可证）。
""")

_TYPED = {
    "en": ("type the API Key.", "the API Base URL is filled in; type the API Key."),
    "zh": ("填写 API Key，", "接口地址已预填，填写 API Key，"),
}
_KINDS_ZH = dict(
    zip(TYPES, ("聊天", "文本嵌入", "重排序", "内容审查", "语音转文字", "文字转语音"), strict=True)
)


def readme(plan: Plan, engine: str) -> tuple[str, str]:
    """The README in English and in Chinese.

    Args:
        plan: what is in the plugin.
        engine: the version of the general plugin inside.
    """
    counts = [(kind, sum(model.kind == kind for model in plan.models)) for kind in TYPES]
    there = [(kind, count) for kind, count in counts if count]
    common = {"count": len(plan.models), "url": plan.url, "engine": engine}
    base = "" if not plan.fixed_url else f" The API Base URL is {plan.url} and cannot be changed."
    english = ENGLISH.substitute(
        common,
        label=plan.identity.label[0],
        description=plan.identity.description[0],
        types=", ".join(f"{count} {kind}" for kind, count in there),
        typed=_TYPED["en"][not plan.fixed_url] + base,
    )
    chinese = CHINESE.substitute(
        common,
        label=plan.identity.label[1],
        description=plan.identity.description[1],
        types="、".join(f"{_KINDS_ZH[kind]} {count} 个" for kind, count in there),
        typed=_TYPED["zh"][not plan.fixed_url],
    )
    return english, chinese
