"""How commands look, as registered and in one language."""

from __future__ import annotations

from collections.abc import Sequence

from bot.emulator.model import Json

INSTALLS = [0, 1]  # how this application may be installed: in a guild, by a user
FALLBACKS = {"en-US": "en-GB", "en-GB": "en-US", "es-419": "es-ES"}
_TEXTS = ("name", "description")


def command(payload: Json, *, command_id: str, application_id: int, guild_id: int | None) -> Json:
    """Shape a checked command as it is kept, but for its version. A guild's command has no contexts of its own."""
    needed = payload.get("default_member_permissions")
    shape: Json = {
        "id": command_id,
        "application_id": str(application_id),
        "type": payload.get("type") or 1,
        "name": payload["name"],
        "name_localizations": payload.get("name_localizations"),
        "description": payload.get("description") or "",
        "description_localizations": payload.get("description_localizations"),
        "default_member_permissions": str(needed) if needed is not None else None,
        "nsfw": bool(payload.get("nsfw")),
    }
    if guild_id is None:
        shape |= {
            "dm_permission": payload.get("dm_permission") is not False,
            "contexts": payload.get("contexts"),
            "integration_types": payload.get("integration_types") or INSTALLS,
        }
    else:
        shape["guild_id"] = str(guild_id)
    options = _options(payload.get("options") or [])
    return shape | ({"options": options} if options else {})


def _options(options: Sequence[Json]) -> list[Json]:
    """Return options without what was given as null or empty."""
    shaped = []
    for option in options:
        one = {key: value for key, value in option.items() if value not in (None, [])}
        if option.get("options"):
            one["options"] = _options(option["options"])
        shaped.append(one)
    return shaped


def localised(of: Json, locale: str) -> Json:
    """Return a command, option or choice with its texts in ``locale`` instead of all their languages.

    A text that is not there in that language, nor in its fallback, has no ``…_localized``.
    """
    shape = {key: value for key, value in of.items() if not key.endswith("_localizations")}
    for key in _TEXTS:
        languages = of.get(f"{key}_localizations") or {}
        text = languages.get(locale) or languages.get(FALLBACKS.get(locale, ""))
        if text is not None:
            shape[f"{key}_localized"] = text
    for key in ("options", "choices"):
        if key in of:
            shape[key] = [localised(one, locale) for one in of[key]]
    return shape
