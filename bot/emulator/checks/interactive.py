"""Checks of buttons and selects: what they must have, may not have together, and may offer."""

from __future__ import annotations

import re
from typing import Any

from bot.emulator.checks.form import WEB, Form
from bot.emulator.components import LINK, SELECTS, Path, Type
from bot.emulator.model import Json

PREMIUM = 6  # the button style
STYLES = range(1, 7)
MAX_CHOICES = 25
# Read in public threads: a link may also open a place in the client.
LINK_SCHEMES = (*WEB, "discord")

_DEFAULTS = {
    Type.USER_SELECT: ("user",),
    Type.ROLE_SELECT: ("role",),
    Type.MENTIONABLE_SELECT: ("user", "role"),
    Type.CHANNEL_SELECT: ("channel",),
}
# No letter, space or sign of ASCII is in an emoji, except in a keycap such as 1️⃣.
_NO_EMOJI = re.compile(r"[\w\s!-/:-@\[-`{-~]")
_KEYCAP = re.compile(r"[0-9#*]\ufe0f?\u20e3")


def check_custom_id(form: Form, one: Json, path: Path, seen: set[str]) -> None:
    """Check the custom id of a button or select: there, 1–100 characters, and its own."""
    is_button = one.get("type") == Type.BUTTON
    if not is_button and one.get("type") not in SELECTS:
        return
    if is_button and one.get("style") in (LINK, PREMIUM):
        return
    where = (*path, "custom_id")
    custom_id = form.text(one, "custom_id", path, least=1, most=100)
    if custom_id is None and one.get("custom_id") is None:
        if is_button:
            form.add(where, "BUTTON_COMPONENT_CUSTOM_ID_REQUIRED", "A custom id is required")
        else:
            form.required(where)
    elif custom_id in seen:
        form.add(where, "COMPONENT_CUSTOM_ID_DUPLICATED", "Component custom id cannot be duplicated")
    elif custom_id is not None:
        seen.add(custom_id)


def check_button(form: Form, one: Json, path: Path) -> None:
    """Check a button. Its style says what it needs: a custom id, an address or, for premium ones, an article."""
    style = one.get("style")
    if style not in STYLES or isinstance(style, bool):
        form.choices((*path, "style"), STYLES)
    label = form.text(one, "label", path, most=80)
    _check_emoji(form, one, path)
    form.truth(one, "disabled", path)
    form.address(one, "url", path, schemes=LINK_SCHEMES, most=512)
    if style == PREMIUM:
        form.snowflake(one, "sku_id", path, required=True)
        return
    if not label and not one.get("emoji"):
        form.required((*path, "label"))
    if style == LINK and not one.get("url"):
        form.required((*path, "url"))
    beside = "custom_id" if style == LINK else "url"
    if one.get(beside):
        for key in ("custom_id", "url"):
            form.add(
                (*path, key),
                "BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE",
                "A custom id and url cannot both be specified",
            )


def check_select(form: Form, one: Json, path: Path) -> None:
    """Check a select of any kind: how many may be chosen, and what is offered or chosen beforehand."""
    form.text(one, "placeholder", path, most=150)
    form.truth(one, "disabled", path)
    least = form.number(one, "min_values", path, most=MAX_CHOICES)
    most = form.number(one, "max_values", path, least=1, most=MAX_CHOICES)
    least, most = 1 if least is None else least, 1 if most is None else most
    if least > most:
        _too_few(form, path, most)
    if one.get("type") == Type.STRING_SELECT:
        _check_options(form, one, path, least, most)
    else:
        _check_defaults(form, one, path, most)


def _check_options(form: Form, one: Json, path: Path, least: int, most: int) -> None:
    where = (*path, "options")
    options = form.objects(one, "options", path, least=1, most=MAX_CHOICES)
    if options and most > len(options):
        form.add(where, "BASE_TYPE_MIN_LENGTH", f"Must be {most} or more in length.")
    if options and most >= least > len(options):
        _too_few(form, path, len(options))
    seen: set[str] = set()
    for at, option in options:
        form.text(option, "label", at, least=1, most=100, required=True)
        form.text(option, "description", at, most=100)
        form.truth(option, "default", at)
        _check_emoji(form, option, at)
        value = form.text(option, "value", at, least=1, most=100, required=True)
        if value in seen:
            form.add(at, "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED", "The specified option value is already used")
        seen.add(value or "")
    if sum(option.get("default") is True for _, option in options) > most:
        _too_many_defaults(form, where)


def _check_defaults(form: Form, one: Json, path: Path, most: int) -> None:
    where = (*path, "default_values")
    defaults = form.objects(one, "default_values", path, most=MAX_CHOICES)
    allowed = _DEFAULTS[one["type"]]
    for at, default in defaults:
        form.snowflake(default, "id", at, required=True)
        if default.get("type") not in allowed:
            form.choices((*at, "type"), allowed)
    if len(defaults) > most:
        _too_many_defaults(form, where)
    for index, kind in enumerate(form.items(one, "channel_types", path, most=20)):
        if isinstance(kind, bool) or not isinstance(kind, int):
            form.add((*path, "channel_types", index), "NUMBER_TYPE_COERCE", f'Value "{kind}" is not int.')


def _too_few(form: Form, path: Path, most: int) -> None:
    words = f"min_values value should be less than or equal to {most}."
    form.add((*path, "min_values"), "NUMBER_TYPE_MAX", words)


def _too_many_defaults(form: Form, path: Path) -> None:
    form.add(
        path,
        "SELECT_COMPONENT_TOO_MANY_DEFAULT_VALUES",
        "The specified number of default values exceeds the specified maximum values",
    )


def _check_emoji(form: Form, one: Json, path: Path) -> None:
    """Check an emoji. One of a guild or an application (with an id) is taken on trust: there are none here."""
    emoji = form.mapping(one, "emoji", path)
    if emoji is None:
        return
    where = (*path, "emoji")
    form.snowflake(emoji, "id", where)
    form.truth(emoji, "animated", where)
    name = form.text(emoji, "name", where, most=32)
    if emoji.get("id") is None and not is_emoji(name):
        # The name is the button's for options of selects, too (discord-api-docs #8071).
        form.add((*where, "name"), "BUTTON_COMPONENT_INVALID_EMOJI", "Invalid emoji")


def is_emoji(name: Any) -> bool:
    """Tell whether ``name`` may be a Unicode emoji; which of them Discord knows is not looked up."""
    return isinstance(name, str) and bool(name) and not _NO_EMOJI.search(_KEYCAP.sub("", name))
