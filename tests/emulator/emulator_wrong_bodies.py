"""Bodies of messages that are wrong, where, and Discord's name for it; and bodies that are right at every limit."""

from __future__ import annotations

from typing import Any

V2, EPHEMERAL, QUIET = 1 << 15, 1 << 6, 1 << 12
TOP, ROW, FIRST = "components", "components.0.components", "components.0.components.0"
REQUIRED, LONG, BAD_LENGTH = "BASE_TYPE_REQUIRED", "BASE_TYPE_MAX_LENGTH", "BASE_TYPE_BAD_LENGTH"
TYPE, CHOICES, OBJECT = "UNION_TYPE_CHOICES", "BASE_TYPE_CHOICES", "MODEL_TYPE_CONVERT"
EMOJI, WIDTH, BOTH = (
    "BUTTON_COMPONENT_INVALID_EMOJI",
    "COMPONENT_LAYOUT_WIDTH_EXCEEDED",
    "BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE",
)
DEFAULTS, NO_FILE = (
    "SELECT_COMPONENT_TOO_MANY_DEFAULT_VALUES",
    "UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND",
)

TEXT = {"type": 10, "content": "x"}
LINE = {"type": 14}
LINK = {"type": 2, "style": 5, "label": "Go"}


def button(**more: Any) -> dict[str, Any]:
    return {"type": 2, "style": 1, "label": "Go", "custom_id": "go"} | more


def option(value: str, **more: Any) -> dict[str, Any]:
    return {"label": value, "value": value} | more


def select(*options: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": 3, "custom_id": "pick", "options": list(options)} | more


def of_people(**more: Any) -> dict[str, Any]:
    return {"type": 5, "custom_id": "who"} | more


def row(*inner: Any) -> dict[str, Any]:
    return {"type": 1, "components": list(inner)}


def rows(*inner: Any) -> dict[str, Any]:
    return {"components": [row(*inner)]}


def v2(*components: Any) -> dict[str, Any]:
    return {"flags": V2, "components": list(components)}


def container(*inner: Any, **more: Any) -> dict[str, Any]:
    return {"type": 17, "components": list(inner)} | more


def section(*texts: Any, **more: Any) -> dict[str, Any]:
    return {"type": 9, "components": list(texts)} | more


def gallery(*addresses: str, **more: Any) -> dict[str, Any]:
    return {"type": 12, "items": [{"media": {"url": one}} | more for one in addresses]}


def embed(**parts: Any) -> dict[str, Any]:
    return {"embeds": [parts]}


# What is wrong with a message, where, and Discord's name for it.
OF_MESSAGES = [
    ([], "", OBJECT),
    ({"content": "x" * 2001}, "content", LONG),
    ({"content": 5}, "content", "STRING_TYPE_CONVERT"),
    ({"tts": "yes"}, "tts", "BOOLEAN_TYPE_CONVERT"),
    ({"flags": "many"}, "flags", "NUMBER_TYPE_COERCE"),
    ({"flags": 1.5}, "flags", "NUMBER_TYPE_COERCE"),
    ({"flags": -1}, "flags", "NUMBER_TYPE_MIN"),
    ({"nonce": "x" * 26}, "nonce", "NONCE_TYPE_TOO_LONG"),
    ({"nonce": {}}, "nonce", "NONCE_TYPE_INVALID_TYPE"),
    ({"nonce": 2**63}, "nonce", "NONCE_TYPE_OUT_OF_BOUNDS"),
    ({"sticker_ids": ["1"] * 4}, "sticker_ids", LONG),
    ({"sticker_ids": ["one"]}, "sticker_ids.0", "NUMBER_TYPE_COERCE"),
    ({"poll": "?"}, "poll", OBJECT),
    ({"attachments": {}}, "attachments", "LIST_TYPE_CONVERT"),
    ({"attachments": [{}]}, "attachments.0.id", REQUIRED),
    ({"attachments": [{"id": "a"}]}, "attachments.0.id", "NUMBER_TYPE_COERCE"),
    ({"attachments": [{"id": 2**63}]}, "attachments.0.id", "NUMBER_TYPE_MAX"),
    ({"attachments": [{"id": 0, "description": "x" * 1025}]}, "attachments.0.description", LONG),
    ({"attachments": [{"id": 0, "filename": "x" * 1025}]}, "attachments.0.filename", LONG),
    ({"attachments": [{"id": n} for n in range(11)]}, "attachments", LONG),
    ({"allowed_mentions": []}, "allowed_mentions", OBJECT),
    ({"allowed_mentions": {"parse": ["all"]}}, "allowed_mentions.parse.0", CHOICES),
    ({"allowed_mentions": {"users": ["1", "1"]}}, "allowed_mentions.users.1", "SET_TYPE_ALREADY_CONTAINS_VALUE"),
    ({"allowed_mentions": {"users": [str(n) for n in range(101)]}}, "allowed_mentions.users", LONG),
    (
        {"allowed_mentions": {"parse": ["users"], "users": ["1"]}},
        "allowed_mentions",
        "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE",
    ),
]
OF_EMBEDS = [
    ({"embeds": [{"description": "x" * 4000}, {"description": "x" * 2001}]}, "embeds", "MAX_EMBED_SIZE_EXCEEDED"),
    ({"embeds": [{"title": "x"}] * 11}, "embeds", LONG),
    ({"embeds": [{}]}, "embeds.0", "LIST_ITEM_VALUE_REQUIRED"),
    ({"embeds": ["x"]}, "embeds.0", OBJECT),
    (embed(title="x" * 257), "embeds.0.title", LONG),
    (embed(description="x" * 4097), "embeds.0.description", LONG),
    (embed(color=0x1000000), "embeds.0.color", "NUMBER_TYPE_MAX"),
    (embed(timestamp="yesterday"), "embeds.0.timestamp", "DATE_TIME_TYPE_PARSE"),
    (embed(url="here"), "embeds.0.url", "URL_TYPE_INVALID_SCHEME"),
    (embed(url="https://here"), "embeds.0.url", "URL_TYPE_INVALID_URL"),
    (embed(url="https://a b.example"), "embeds.0.url", "URL_TYPE_INVALID_URL"),
    (embed(image={"url": "ftp://a.example"}), "embeds.0.image.url", "URL_TYPE_INVALID_SCHEME"),
    (embed(image="x"), "embeds.0.image", OBJECT),
    (embed(author={"name": "x" * 257}), "embeds.0.author.name", LONG),
    (embed(footer={"text": "x" * 2049}), "embeds.0.footer.text", LONG),
    (embed(fields=[{"name": " ", "value": "x"}]), "embeds.0.fields.0.name", REQUIRED),
    (embed(fields=[{"name": "x", "value": "x" * 1025}]), "embeds.0.fields.0.value", BAD_LENGTH),
    (embed(fields=[{"name": "x", "value": "x"}] * 26), "embeds.0.fields", LONG),
]
OF_BUTTONS = [
    (rows(button(custom_id=None)), f"{FIRST}.custom_id", "BUTTON_COMPONENT_CUSTOM_ID_REQUIRED"),
    (rows(button(), button()), f"{ROW}.1.custom_id", "COMPONENT_CUSTOM_ID_DUPLICATED"),
    (rows(button(custom_id="x" * 101)), f"{FIRST}.custom_id", BAD_LENGTH),
    (rows(button(label="x" * 81)), f"{FIRST}.label", LONG),
    (rows(button(label=None)), f"{FIRST}.label", REQUIRED),
    (rows(button(style=7)), f"{FIRST}.style", CHOICES),
    (rows(button(style=[])), f"{FIRST}.style", CHOICES),
    (rows(button(disabled=0)), f"{FIRST}.disabled", "BOOLEAN_TYPE_CONVERT"),
    (rows(button(url="https://a.example")), f"{FIRST}.url", BOTH),
    (rows(LINK), f"{FIRST}.url", REQUIRED),
    (rows(LINK | {"url": "steam://run"}), f"{FIRST}.url", "URL_TYPE_INVALID_SCHEME"),
    (rows(LINK | {"url": "https://a.example/" + "x" * 500}), f"{FIRST}.url", LONG),
    (rows(LINK | {"url": "https://a.example", "custom_id": "x"}), f"{FIRST}.custom_id", BOTH),
    (rows({"type": 2, "style": 6}), f"{FIRST}.sku_id", REQUIRED),
    (rows(button(emoji="x")), f"{FIRST}.emoji", OBJECT),
    (rows(button(emoji={"name": "black_nib"})), f"{FIRST}.emoji.name", EMOJI),
    (rows(button(emoji={})), f"{FIRST}.emoji.name", EMOJI),
    (rows(select(option("a", emoji={"name": ":a:"}))), f"{FIRST}.options.0.emoji.name", EMOJI),
]
OF_SELECTS = [
    (rows(select()), f"{FIRST}.options", BAD_LENGTH),
    (rows(select(*(option(str(n)) for n in range(26)))), f"{FIRST}.options", BAD_LENGTH),
    (rows(select(option("a"), option("a"))), f"{FIRST}.options.1", "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED"),
    (rows(select({"value": "a"})), f"{FIRST}.options.0.label", REQUIRED),
    (rows(select(option("a"), placeholder="x" * 151)), f"{FIRST}.placeholder", LONG),
    (rows(select(option("a"), max_values=2)), f"{FIRST}.options", "BASE_TYPE_MIN_LENGTH"),
    (rows(select(option("a"), min_values=2)), f"{FIRST}.min_values", "NUMBER_TYPE_MAX"),
    (rows(select(option("a"), max_values=0)), f"{FIRST}.max_values", "NUMBER_TYPE_MIN"),
    (rows(select(option("a"), max_values=26)), f"{FIRST}.max_values", "NUMBER_TYPE_MAX"),
    (rows(select(option("a", default=True), option("b", default=True))), f"{FIRST}.options", DEFAULTS),
    (rows(select(option("a"), custom_id=None)), f"{FIRST}.custom_id", REQUIRED),
    (rows(of_people(default_values=[{"id": "1", "type": "role"}])), f"{FIRST}.default_values.0.type", CHOICES),
    (rows(of_people(default_values=[{"type": "user"}])), f"{FIRST}.default_values.0.id", REQUIRED),
    (rows(of_people(default_values=[{"id": "1", "type": "user"}] * 2)), f"{FIRST}.default_values", DEFAULTS),
    (rows(button(), of_people()), f"{ROW}.1", WIDTH),
]
OF_LAYOUTS = [
    (rows(*(button(custom_id=str(n)) for n in range(6))), ROW, BAD_LENGTH),
    ({"components": [row(button(custom_id=str(n))) for n in range(6)]}, TOP, LONG),
    (rows(), ROW, BAD_LENGTH),
    (rows("x"), FIRST, OBJECT),
    (rows({"style": 1}), f"{FIRST}.type", REQUIRED),
    (rows(TEXT), FIRST, TYPE),
    (rows(button(id=-1)), f"{FIRST}.id", "NUMBER_TYPE_MIN"),
    ({"components": [TEXT]}, f"{TOP}.0", TYPE),
    (v2(button()), f"{TOP}.0", TYPE),
    (v2(row(row())), FIRST, TYPE),
    (v2(container(container(LINE))), FIRST, TYPE),
    (v2({"type": 4, "custom_id": "x", "style": 1}), f"{TOP}.0", TYPE),
    (v2({"type": [], "content": "x"}), f"{TOP}.0", TYPE),
    ({"content": "x", "flags": V2}, "content", "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2"),
    ({"poll": {"a": 1}, "flags": V2}, "poll", "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2"),
    (v2({"type": 10}), f"{TOP}.0.content", REQUIRED),
    (v2({"type": 10, "content": "x" * 4001}), f"{TOP}.0.content", BAD_LENGTH),
    (v2(*[{"type": 10, "content": "x" * 2001}] * 2), TOP, "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED"),
    (v2(*[LINE] * 41), TOP, LONG),
    (v2(container(*[LINE] * 40)), TOP, "COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED"),
    (v2(container()), ROW, BAD_LENGTH),
    (v2(container(LINE, accent_color=0x1000000)), f"{TOP}.0.accent_color", "NUMBER_TYPE_MAX"),
    (v2(LINE | {"spacing": 3}), f"{TOP}.0.spacing", CHOICES),
    (v2(LINE | {"spacing": []}), f"{TOP}.0.spacing", CHOICES),
    (v2(section(TEXT)), f"{TOP}.0.accessory", REQUIRED),
    (v2(section(TEXT, accessory=LINE)), f"{TOP}.0.accessory", TYPE),
    (v2(section(LINE, accessory=button())), FIRST, TYPE),
    (v2(section(*[TEXT] * 4, accessory=button())), ROW, BAD_LENGTH),
    (v2(gallery()), f"{TOP}.0.items", BAD_LENGTH),
    (v2(gallery(*["https://a.example/b.png"] * 11)), f"{TOP}.0.items", BAD_LENGTH),
    (v2(gallery("attachment://no.png")), f"{TOP}.0.items.0.media.url", NO_FILE),
    (v2(gallery("ftp://a.example")), f"{TOP}.0.items.0.media.url", "URL_TYPE_INVALID_SCHEME"),
    (v2(gallery("https://a.example", description="x" * 1025)), f"{TOP}.0.items.0.description", BAD_LENGTH),
    (v2({"type": 11, "media": {"url": "https://a.example"}}), f"{TOP}.0", TYPE),
    (v2({"type": 13, "file": {"url": "https://a.example"}}), f"{TOP}.0.file.url", NO_FILE),
    (v2({"type": 13}), f"{TOP}.0.file", REQUIRED),
]
WRONG = OF_MESSAGES + OF_EMBEDS + OF_BUTTONS + OF_SELECTS + OF_LAYOUTS

RIGHT = [
    {"content": "x" * 2000, "nonce": "x" * 25, "enforce_nonce": True, "flags": QUIET},
    {"attachments": [{"id": 0, "filename": "a.png", "description": "x" * 1024}], "nonce": 2**63 - 1},
    {"allowed_mentions": {"parse": ["users", "roles"], "users": [], "roles": None, "replied_user": False}},
    embed(type="rich", color=0xFFFFFF, timestamp="2026-09-01T12:00:00.5+00:00", image={"url": "attachment://a.png"}),
    embed(title="x", fields=[{"name": "a", "value": "b", "inline": True}] * 25, author={"name": "x", "url": None}),
    rows(
        button(emoji={"name": "🎲"}),
        button(custom_id="b", label="", emoji={"name": "1️⃣"}),
        LINK | {"url": "discord://-"},
    ),
    rows(button(emoji={"name": "⚜️", "id": None}), button(custom_id="b", emoji={"name": "tick", "id": "5"})),
    rows(select(option("a", default=True), option("b"), min_values=0, max_values=2)),
    rows(of_people(type=8, channel_types=[0, 5], default_values=[{"id": 1, "type": "channel"}])),
    rows(of_people(type=7, max_values=2, default_values=[{"id": 1, "type": "user"}, {"id": 2, "type": "role"}])),
    rows({"type": 2, "style": 6, "sku_id": "1"}),
    v2(container(section(TEXT, accessory=button()), gallery("attachment://a.png"), row(select(option("a"))), LINE)),
    v2(section(TEXT, accessory={"type": 11, "media": {"url": "https://a.example"}, "description": "x" * 1024})),
    v2({"type": 13, "file": {"url": "attachment://a.png"}, "spoiler": True}, container(TEXT, accent_color=0)),
]
