"""The sentences of a build, in English and Chinese."""

from engine.errors.bilingual import Both

SAY: dict[str, Both] = {
    # What a gateway lists.
    "no_list": Both(
        "{url} has no list of models to build from: {why}. {advice}",
        "{url} 没有可用的模型列表：{why}。{advice}",
    ),
    "nothing_listed": Both(
        "{url} lists no model for this key. Put the key into a group that has models, then build "
        "again.",
        "{url} 没有向该密钥列出任何模型。请把密钥改到有模型的分组后重试。",
    ),
    "listed_twice": Both(
        "{name} is listed twice; the plugin has it once.", "{name} 重复列出；插件中只保留一个。"
    ),
    "listed_differently": Both(
        "{name} is listed twice with different figures; the first ones count. Put wrong ones right "
        "in the plan.",
        "{name} 重复列出且数据不一致，以第一条为准；如有误请在计划文件中修改。",
    ),
    "only_case": Both(
        "{names} differ only in capitals; they are kept as different models. If they are one, "
        "leave the others out with --without.",
        "{names} 仅大小写不同，按不同模型保留；若为同一模型，请用 --without 去掉多余的。",
    ),
    "too_long": Both(
        "{name} is left out: Dify takes names of up to 255 characters.",
        "{name} 未收录：Dify 的模型名最长 255 个字符。",
    ),
    "a_pattern": Both(
        "{name} is left out: it is a pattern. Add the models that it stands for to the plan.",
        "{name} 未收录：它是通配符。请把所代表的模型写入计划文件。",
    ),
    "left_out": Both(
        "Left out, as Dify has no type for them: {names}", "Dify 没有对应类型，未收录：{names}"
    ),
    # Choosing.
    "too_many": Both(
        "{count} models are too many: at most {most} go into a plugin, as every call in Dify pays "
        "for each installed model (the same workflow took 0.19 to 0.26 s with 50, 0.24 to 0.36 s "
        "with 350). Narrow the list with --only or --without, or raise the limit with --most.",
        "{count} 个模型过多：插件最多收录 {most} 个，因为 Dify 的每次调用都要为每个已安装的模型付出"
        "时间（同一工作流 50 个模型用时 0.19–0.26 秒，350 个 0.24–0.36 秒）。"
        "请用 --only 或 --without 缩小范围，或用 --most 提高上限。",
    ),
    "cost": Both(
        "{count} models: the same workflow took 0.19 to 0.26 s with 50, 0.24 to 0.36 s with 350, "
        "0.54 to 1.14 s with 1,350.",
        "{count} 个模型：同一工作流 50 个时用时 0.19–0.26 秒，350 个 0.24–0.36 秒，"
        "1350 个 0.54–1.14 秒。",
    ),
    "none_chosen": Both(
        "No model is chosen. Change --only, --without or --type, or tick at least one.",
        "没有选中任何模型。请调整 --only、--without 或 --type，或至少勾选一个。",
    ),
    "say_yes": Both(
        "There is no terminal to choose in: add --yes to take all models of the list, narrowed "
        "with --only, --without or --type.",
        "没有终端可供勾选：加上 --yes 即收录列表中的全部模型，"
        "可用 --only、--without、--type 缩小范围。",
    ),
    "tick": Both(
        "Models of {host} (space ticks, letters filter by name, vendor or type)",
        "{host} 的模型（空格勾选，输入字母可按名称、厂商或类型筛选）",
    ),
    "no_vendor": Both("Other", "其他"),
    # Identity.
    "bad_name": Both(
        "The name {name!r} cannot be used: type --name with 1 to 128 of a-z, 0-9, _ and -, other "
        "than resilient_gateway.",
        "名称 {name!r} 不可用：--name 请填 1–128 个 a-z、0-9、_ 或 -，且不能是 resilient_gateway。",
    ),
    "bad_author": Both(
        "The author {name!r} cannot be used: type --author with 1 to 64 of a-z, 0-9, _ and -, "
        "without dify or langgenius.",
        "作者 {name!r} 不可用：--author 请填 1–64 个 a-z、0-9、_ 或 -，且不含 dify 或 langgenius。",
    ),
    "bad_text": Both(
        "The text {text!r} cannot be used: labels and descriptions have 1 to 1023 characters, in "
        "both languages.",
        "文本 {text!r} 不可用：名称和说明的两种语言均须为 1–1023 个字符。",
    ),
    "chinese_text": Both(
        "The text {text!r} stands where Dify shows English: type --label and --description in "
        "English, and the Chinese ones as --label-zh and --description-zh.",
        "{text!r} 位于 Dify 显示英文的位置：--label 和 --description 请填英文，"
        "中文请填 --label-zh 和 --description-zh。",
    ),
    "bad_help": Both(
        "{url!r} is no address of a page: type --help-url as in https://docs.example.com.",
        "{url!r} 不是网页地址：--help-url 请填写如 https://docs.example.com。",
    ),
    "no_icon": Both(
        "{path} cannot be read: --icon needs a file.", "无法读取 {path}：--icon 须为文件。"
    ),
    "bad_icon": Both(
        "{path} is no picture that Dify shows: --icon needs a PNG, or an SVG without scripts, of "
        "up to 1 MB.",
        "{path} 不是 Dify 可显示的图片：--icon 须为 PNG 或不含脚本的 SVG，最大 1 MB。",
    ),
    # The plan.
    "no_plan": Both(
        "{path} is not there: build with --url first, which writes it.",
        "找不到 {path}：请先用 --url 构建以生成该文件。",
    ),
    "bad_plan": Both(
        "{path} cannot be used: {why}. Put it right, or remove the file and build with --url.",
        "{path} 无法使用：{why}。请修正，或删除该文件后用 --url 重新构建。",
    ),
    "came": Both("New at the gateway: {names}", "网关新增：{names}"),
    "went": Both(
        "Gone from the gateway, kept as deprecated: {names}", "网关已下线，保留为弃用：{names}"
    ),
    "returned": Both("Back at the gateway: {names}", "重新上线：{names}"),
    "changed": Both("{name}: {field} was {old}, is {new}", "{name}：{field} 由 {old} 变为 {new}"),
    "unchanged": Both("Nothing has changed at the gateway.", "网关没有变化。"),
    # The end.
    "reading": Both("Reading {page}", "正在读取 {page}"),
    "built": Both(
        "{path}: version {version}, {count} models", "{path}：版本 {version}，{count} 个模型"
    ),
    "planned": Both(
        "{path}: the plan, to be edited and kept", "{path}：计划文件，可编辑并纳入版本管理"
    ),
    "group": Both("Prices are those of the group {group}.", "价格以分组 {group} 为准。"),
    "figures": Both("Figures and their sources", "各项数据及来源"),
    "asked_url": Both("API Base URL: ", "接口地址（API Base URL）："),
    "asked_key": Both("API Key: ", "API Key（令牌）："),
}
