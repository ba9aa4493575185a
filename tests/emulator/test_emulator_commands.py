"""Commands are registered as on Discord: everywhere or in a guild, checked in every language, and only so many."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import discord
import pytest
from loopback import point_discord_py_at

from bot.emulator.checks.options import is_name
from bot.emulator.remote import Remote
from bot.emulator.server import Addresses, Emulator

DAY_S = 24 * 3600
Json = dict[str, Any]


class Registrar:
    """discord.py's own calls for commands, and plain ones for what it would not send."""

    def __init__(self, client: discord.Client, emulator: Emulator, addresses: Addresses) -> None:
        self.http: Any = client.http
        self.world = emulator.world
        self.application_id = self.world.application_id
        self.guild_id = next(iter(self.world.guilds))
        self._addresses = addresses

    async def ask(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        """Ask a route below the application's and return status and answer."""
        url = f"{self._addresses.api}/applications/{self.application_id}{path}"
        headers["Authorization"] = f"Bot {self._addresses.bot_token}"
        async with (
            aiohttp.ClientSession(headers=headers) as session,
            session.request(method, url, json=body) as response,
        ):
            return response.status, await response.json() if response.status != 204 else None


@pytest.fixture
async def registrar(emulator: tuple[Emulator, Addresses], monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Registrar]:
    """The bot, logged in but not connected: registering takes no gateway."""
    running, addresses = emulator
    point_discord_py_at(addresses, monkeypatch)
    async with discord.Client(intents=discord.Intents.none()) as client:
        await client.login(addresses.bot_token)
        yield Registrar(client, running, addresses)


def slash(name: str = "a", *options: Json, **more: Any) -> Json:
    return {"name": name, "description": "d", "options": list(options)} | more


def option(name: str = "x", kind: int = 3, **more: Any) -> Json:
    return {"type": kind, "name": name, "description": "d"} | more


async def test_a_command_is_made_read_changed_and_removed(registrar: Registrar, remote: Remote) -> None:
    http, app = registrar.http, registrar.application_id
    made = await http.upsert_global_command(app, slash("dream"))
    again = await http.upsert_global_command(app, slash("dream", description="anew"))
    assert (again["id"], again["description"]) == (made["id"], "anew")
    assert int(again["version"]) > int(made["version"])
    _, changed = await registrar.ask("PATCH", f"/commands/{made['id']}", {"name": "sleep", "nsfw": True})
    assert (changed["name"], changed["description"], changed["nsfw"]) == ("sleep", "anew", True)
    assert await http.get_global_command(app, made["id"]) == changed
    await http.delete_global_command(app, made["id"])
    assert await http.get_global_commands(app) == []
    with pytest.raises(discord.NotFound) as caught:
        await http.get_global_command(app, made["id"])
    assert caught.value.code == 10063
    changes = (await remote.get("changes"))["changes"]
    assert [[one["name"] for one in change["commands"]] for change in changes if change["kind"] == "commands"] == [
        ["dream"],
        ["dream"],
        ["sleep"],
        [],
    ]


async def test_a_new_command_is_201_and_one_in_the_place_of_another_200(registrar: Registrar) -> None:
    assert [(await registrar.ask("POST", "/commands", slash()))[0] for _ in range(2)] == [201, 200]


async def test_replacing_all_keeps_the_ids_of_what_stays_and_the_versions_of_what_does_not_change(
    registrar: Registrar,
) -> None:
    http, app = registrar.http, registrar.application_id
    one, two = await http.bulk_upsert_global_commands(app, [slash("one"), slash("two")])
    menu = {"name": "One", "type": 3}
    same, renamed, new = await http.bulk_upsert_global_commands(
        app, [slash("one"), {**slash("three"), "id": two["id"]}, menu]
    )
    assert same == one
    assert (renamed["id"], renamed["name"]) == (two["id"], "three")
    assert (new["type"], new["description"], new["id"] in {one["id"], two["id"]}) == (3, "", False)


async def test_a_guild_has_commands_of_its_own_beside_the_global_ones(registrar: Registrar, remote: Remote) -> None:
    http, app, guild = registrar.http, registrar.application_id, registrar.guild_id
    await http.bulk_upsert_global_commands(app, [slash("dream")])
    [made] = await http.bulk_upsert_guild_commands(app, guild, [slash("dream")])
    assert made["guild_id"] == str(guild)
    assert "contexts" not in made
    await http.upsert_guild_command(app, guild, slash("local"))
    [own, _] = await http.get_guild_commands(app, guild)
    assert (await http.get_guild_command(app, guild, own["id"]))["id"] == own["id"]
    await http.edit_guild_command(app, guild, own["id"], {"description": "here only"})
    shown = await remote.commands()
    assert [(one["name"], one.get("guild_id"), one["description"]) for one in shown] == [
        ("dream", str(guild), "here only"),
        ("local", str(guild), "d"),
        ("dream", None, "d"),
    ]
    assert [one["name"] for one in await remote.commands(person="bob", channel="bob")] == ["dream"]
    await http.delete_guild_command(app, guild, own["id"])
    assert [one["name"] for one in await http.get_guild_commands(app, guild)] == ["local"]


async def test_a_guild_without_the_bot_has_no_commands_of_it(registrar: Registrar) -> None:
    del registrar.world.guilds[registrar.guild_id].members[registrar.world.bot.id]
    with pytest.raises(discord.Forbidden) as caught:
        await registrar.http.get_guild_commands(registrar.application_id, registrar.guild_id)
    assert caught.value.code == 50001


async def test_another_application_is_unknown(registrar: Registrar) -> None:
    with pytest.raises(discord.NotFound) as caught:
        await registrar.http.get_global_commands(1)
    assert caught.value.code == 10002


async def test_a_name_that_is_taken_cannot_be_taken_again_by_renaming(registrar: Registrar) -> None:
    made = [await registrar.http.upsert_global_command(registrar.application_id, slash(name)) for name in ("a", "b")]
    status, answer = await registrar.ask("PATCH", f"/commands/{made[1]['id']}", {"name": "a"})
    assert (status, answer["code"]) == (400, 40041)


async def test_lists_speak_one_language_unless_all_are_asked_for(registrar: Registrar) -> None:
    choice = {"name": "blue", "name_localizations": {"de": "blau"}, "value": "b"}
    inner = option("colour", name_localizations={"de": "farbe"}, choices=[choice])
    made = slash("dream", inner, name_localizations={"de": "traum", "en-GB": "reverie"})
    made["description_localizations"] = {"de": "Träumt"}
    sent = await registrar.http.upsert_global_command(registrar.application_id, made)
    assert sent["name_localizations"] == {"de": "traum", "en-GB": "reverie"}
    assert await registrar.ask("GET", "/commands?with_localizations=true") == (200, [sent])
    _, [german] = await registrar.ask("GET", "/commands", **{"X-Discord-Locale": "de"})
    assert (german["name"], german["name_localized"], german["description_localized"]) == ("dream", "traum", "Träumt")
    assert german["options"][0]["name_localized"] == "farbe"
    assert german["options"][0]["choices"] == [{"name": "blue", "name_localized": "blau", "value": "b"}]
    assert "name_localizations" not in german
    _, [american] = await registrar.ask("GET", "/commands")
    assert american["name_localized"] == "reverie", "a locale falls back to its neighbour"
    _, [french] = await registrar.ask("GET", "/commands", **{"Accept-Language": "fr;q=0.9, de"})
    assert "name_localized" not in french


async def test_people_are_shown_commands_in_their_language(registrar: Registrar, remote: Remote) -> None:
    await remote.post("people", username="eva", guilds=["The Lighthouse"], locale="de")
    made = slash("dream", name_localizations={"de": "traum"})
    await registrar.http.bulk_upsert_global_commands(registrar.application_id, [made])
    [seen] = await remote.commands(person="eva")
    assert seen["name_localized"] == "traum"
    [seen] = await remote.commands(person="ada")
    assert "name_localized" not in seen


async def test_people_are_shown_only_what_they_may_use_there(registrar: Registrar, remote: Remote) -> None:
    await registrar.http.bulk_upsert_global_commands(
        registrar.application_id,
        [
            slash("all"),
            slash("moderate", default_member_permissions=str(1 << 13)),
            slash("administer", default_member_permissions="0"),
            slash("late", nsfw=True),
            slash("here", contexts=[0]),
            slash("private", contexts=[1]),
            {"name": "Look", "type": 3},
        ],
    )

    async def shown(person: str, channel: str) -> set[str]:
        return {one["name"] for one in await remote.commands(person=person, channel=channel)}

    assert await shown("bob", "dreams") == {"all", "here", "Look"}
    assert await shown("mod", "dreams") == {"all", "here", "Look", "moderate"}
    assert await shown("ada", "after-dark") == {"all", "here", "Look", "moderate", "administer", "late"}
    assert await shown("bob", "bob") == {"all", "moderate", "administer", "late", "private", "Look"}
    await remote.post(
        "permissions", channel="dreams", person="bob", permission="use_application_commands", granted=False
    )
    assert await shown("bob", "dreams") == set()


async def test_there_are_only_so_many_commands(registrar: Registrar) -> None:
    status, answer = await registrar.ask("PUT", "/commands", [slash(f"c{n}") for n in range(101)])
    assert (status, answer["code"]) == (400, 30032)
    assert answer["message"] == "Maximum number of application commands reached (100)"
    menus = [{"name": f"M {n}", "type": 2} for n in range(16)]
    status, answer = await registrar.ask("PUT", "/commands", menus)
    assert (status, answer["message"]) == (400, "Maximum number of application commands reached (15)")
    status, answer = await registrar.ask("PUT", "/commands", [slash(f"c{n}") for n in range(131)])
    assert (status, answer["errors"]["_errors"][0]["code"]) == (400, "BASE_TYPE_MAX_LENGTH")
    await registrar.ask("PUT", "/commands", menus[:15])
    assert (await registrar.ask("POST", "/commands", menus[15]))[1]["code"] == 30032


async def test_only_200_commands_a_day_are_made(registrar: Registrar, remote: Remote) -> None:
    for start in (0, 100):
        assert (await registrar.ask("PUT", "/commands", [slash(f"c{start + n}") for n in range(100)]))[0] == 200
    assert (await registrar.ask("PUT", "/commands", [slash(f"c{100 + n}") for n in range(100)]))[0] == 200
    status, answer = await registrar.ask("PUT", "/commands", [slash("new")])
    assert (status, answer["code"]) == (400, 30034)
    await remote.post("clock", forward_s=DAY_S)
    assert (await registrar.ask("PUT", "/commands", [slash("new")]))[0] == 200


async def test_a_bot_cannot_set_permissions_and_finds_none(registrar: Registrar) -> None:
    _, made = await registrar.ask("POST", "/commands", slash())
    place = f"/guilds/{registrar.guild_id}/commands"
    assert await registrar.ask("GET", f"{place}/permissions") == (200, [])
    status, answer = await registrar.ask("GET", f"{place}/{made['id']}/permissions")
    assert (status, answer["code"]) == (404, 10066)
    status, answer = await registrar.ask("PUT", f"{place}/{made['id']}/permissions", {"permissions": []})
    assert (status, answer["code"]) == (403, 20001)
    status, answer = await registrar.ask("GET", f"{place}/1/permissions")
    assert (status, answer["code"]) == (404, 10063)


NESTED = option("g", 2, options=[option("s", 1, options=[option("v")])])
INVALID, REQUIRED, EXISTS = "BASE_TYPE_INVALID", "BASE_TYPE_REQUIRED", "APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS"
NAME, TYPE, TAKEN = "APPLICATION_COMMAND_INVALID_NAME", "UNION_TYPE_CHOICES", "APPLICATION_COMMANDS_DUPLICATE_NAME"
LONG, BAD, CHOICES = "BASE_TYPE_MAX_LENGTH", "BASE_TYPE_BAD_LENGTH", "BASE_TYPE_CHOICES"
FIRST, D, L = "options.0", "description", "name_localizations"
MIXED, ORDER = "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID"
HUGE = [option(f"o{n}", description="x" * 99, choices=[{"name": "n", "value": "v" * 99}] * 3) for n in range(20)]
TALKATIVE = [option(f"o{n}", description_localizations={"de": "x" * 100, "fr": "x" * 100}) for n in range(25)]

WRONG: list[tuple[Json, str, str]] = [
    (slash("Dream"), "name", NAME),
    (slash("my dream"), "name", NAME),
    (slash("x" * 33), "name", BAD),
    ({"description": "d"}, "name", REQUIRED),
    ({"name": "a"}, D, REQUIRED),
    (slash(description="x" * 101), D, BAD),
    (slash(description=5), D, "STRING_TYPE_CONVERT"),
    (slash(type=4), "type", CHOICES),
    (slash(id="mine"), "id", "NUMBER_TYPE_COERCE"),
    (slash(name_localizations={"pt_BR": "sonho"}), f"{L}.pt_BR", CHOICES),
    (slash(name_localizations={"de": "Traum"}), L, NAME),
    (slash(description_localizations={"de": "x" * 101}), "description_localizations.de", BAD),
    (slash("a", option(name_localizations={"de": "Farbe"})), f"{FIRST}.{L}.de", NAME),
    (slash("a", option(description_localizations={"de": ""})), f"{FIRST}.description_localizations.de", REQUIRED),
    (slash("a", option(), option()), "options.1.name", EXISTS),
    (slash("a", option(), option("y", name_localizations={"de": "x"})), f"options.1.{L}.de", EXISTS),
    (slash("a", option(), option("y", required=True)), "options.1", ORDER),
    (slash("a", *(option(f"o{n}") for n in range(26))), "options", LONG),
    (slash("a", {"name": "x", "description": "d"}), FIRST, "TAG_FIELD_MISSING"),
    (slash("a", option(kind=12)), f"{FIRST}.type", TYPE),
    (slash("a", option(), option("s", 1)), "options.1", MIXED),
    (slash("a", option("g", 2, options=[option("v")])), f"{FIRST}.{FIRST}.type", TYPE),
    (slash("a", option("s", 1, options=[option("t", 1)])), f"{FIRST}.{FIRST}.type", TYPE),
    (slash("a", option("s", 1, options=[option(), option("y", required=True)])), f"{FIRST}.options.1", ORDER),
    (
        slash("a", option("g", 2, options=[option("s", 1, options=[option("V")])])),
        f"{FIRST}.{FIRST}.{FIRST}.name",
        NAME,
    ),
    (slash("a", option(choices=[{"name": "n", "value": "v" * 101}])), f"{FIRST}.choices.0.value", LONG),
    (slash("a", option(choices=[{"name": "n" * 101, "value": "v"}])), f"{FIRST}.choices.0.name", BAD),
    (slash("a", option(choices=[{"name": "n", "value": 1}])), f"{FIRST}.choices.0.value", "STRING_TYPE_CONVERT"),
    (
        slash("a", option(kind=4, choices=[{"name": "n", "value": 1.5}])),
        f"{FIRST}.choices.0.value",
        "NUMBER_TYPE_COERCE",
    ),
    (slash("a", option(choices=[{"name": "n", "value": str(n)} for n in range(2)])), f"{FIRST}.choices.1", INVALID),
    (slash("a", option(choices=[{"name": str(n), "value": "v"} for n in range(26)])), f"{FIRST}.choices", LONG),
    (slash("a", option(choices=[{"name": "n", "value": "v"}], autocomplete=True)), FIRST, INVALID),
    (slash("a", option(min_length=5, max_length=4)), f"{FIRST}.max_length", INVALID),
    (slash("a", option(max_length=6001)), f"{FIRST}.max_length", "NUMBER_TYPE_MAX"),
    (slash("a", option(kind=4, min_value=2**53)), f"{FIRST}.min_value", "NUMBER_TYPE_MAX"),
    (slash("a", option(kind=10, max_value="1")), f"{FIRST}.max_value", "NUMBER_TYPE_COERCE"),
    (slash("a", option(kind=11, file_types=["png"])), f"{FIRST}.file_types.0", INVALID),
    (slash("a", option(kind=11, file_types=[f".e{n}" for n in range(11)])), f"{FIRST}.file_types", LONG),
    (slash("a", *HUGE), "", "APPLICATION_COMMAND_TOO_LARGE"),
    (slash(contexts=[3]), "contexts.0", CHOICES),
    (slash(contexts=[0, 0]), "contexts.1", "SET_TYPE_ALREADY_CONTAINS_VALUE"),
    (slash(integration_types=[2]), "integration_types.0", CHOICES),
    (slash(integration_types=[]), "integration_types", "BASE_TYPE_MIN_LENGTH"),
    (slash(default_member_permissions="many"), "default_member_permissions", "NUMBER_TYPE_COERCE"),
    (slash(nsfw="yes"), "nsfw", "BOOLEAN_TYPE_CONVERT"),
    ({"name": "Look", "type": 3, D: "d"}, D, "APPLICATION_COMMAND_CONTEXT_MENU_DESCRIPTION_INVALID"),
    ({"name": "Look", "type": 2, "options": [option()]}, "options", "APPLICATION_COMMAND_CONTEXT_MENU_OPTIONS_INVALID"),
    ({"name": "x" * 33, "type": 3}, "name", BAD),
]


def at(errors: Json, path: str) -> list[str]:
    for step in path.split(".") if path else ():
        errors = errors.get(step, {})
    return [one["code"] for one in errors.get("_errors", [])]


@pytest.mark.parametrize(("command", "path", "code"), WRONG, ids=[f"{p}:{c}" for _, p, c in WRONG])
async def test_a_wrong_command_is_refused_where_and_why(
    registrar: Registrar, command: Json, path: str, code: str
) -> None:
    status, answer = await registrar.ask("POST", "/commands", command)
    assert (status, answer["code"]) == (400, 50035)
    assert code in at(answer["errors"], path), answer["errors"]
    _, answer = await registrar.ask("PUT", "/commands", [command])
    assert code in at(answer["errors"], f"0.{path}".strip(".")), answer["errors"]
    assert not registrar.world.commands


async def test_two_commands_of_a_name_and_type_are_refused(registrar: Registrar) -> None:
    _, answer = await registrar.ask("PUT", "/commands", [slash(), {"name": "a", "type": 2}, slash()])
    assert at(answer["errors"], "2") == [TAKEN]


@pytest.mark.parametrize(
    "command",
    [
        slash("träume", NESTED),
        slash("夢"),
        slash("it's-a_b"),
        slash("a", *TALKATIVE),
        slash(default_member_permissions=0, contexts=[0, 1, 2], integration_types=[1], dm_permission=False),
        slash(default_member_permissions=str(1 << 50)),
        slash("a", option(kind=11, file_types=["image", ".PDF", ".tar.gz"]), option("n", 10, min_value=-0.5)),
        {"name": "See It", "type": 3, D: "", "options": []},
    ],
    ids=lambda command: command["name"],
)
async def test_a_right_command_is_taken_without_a_word(registrar: Registrar, command: Json) -> None:
    assert (await registrar.ask("POST", "/commands", command))[0] == 201
    assert not registrar.world.violations


async def test_what_a_kind_of_option_does_not_have_is_passed_over_and_recorded(registrar: Registrar) -> None:
    await registrar.ask("POST", "/commands", slash("a", option(kind=5, choices=[{"name": "n", "value": "v"}])))
    [violation] = registrar.world.violations
    assert (violation["kind"], violation["findings"][0]["path"]) == ("unknown_field", "options.0.choices")


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("dream", True),
        ("dream-2_b'c", True),
        ("सपना", True),  # with vowel signs, which are marks and no letters
        ("ฝัน", True),
        ("мечта", True),
        ("Мечта", False),
        ("two words", False),
        ("dream!", False),
        ("💤", False),
        ("אֱ", False),  # a mark of another script
    ],
)
def test_names_are_of_letters_and_digits_of_any_script(text: str, right: bool) -> None:
    assert is_name(text) is right
