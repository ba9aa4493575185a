"""Each kind of error has its sentence."""

import logging
from types import SimpleNamespace
from typing import Any

import discord
import pytest
from discord import app_commands

from bot.errors import UserError
from bot.language import language_of
from bot.views import trouble
from engine.errors import RecipeError

ENGLISH = language_of("en-US")
SENTENCE = "This is what happened, and this is what to do."


def refused(status: int, code: int, kind: type[discord.HTTPException] = discord.HTTPException) -> Any:
    return kind(SimpleNamespace(status=status, reason="no"), {"code": code, "message": "secret details"})


def wrapped(error: Exception) -> app_commands.CommandInvokeError:
    return app_commands.CommandInvokeError(SimpleNamespace(name="dream"), error)


def transformed(cause: Exception | None = None) -> app_commands.TransformerError:
    error = app_commands.TransformerError("x" * 300, discord.AppCommandOptionType.string, app_commands.Transformer())
    error.__cause__ = cause
    return error


KINDS = {
    "cooldown": (app_commands.CommandOnCooldown(app_commands.Cooldown(1, 60), 7.2), "try again in 8 s"),
    "not in a server": (app_commands.NoPrivateMessage(), "in a server only"),
    "you may not": (app_commands.MissingPermissions(["manage_guild"]), "do not have here: Manage Server"),
    "I may not": (app_commands.BotMissingPermissions(["attach_files", "send_messages"]), "Attach Files, Send Messages"),
    "role": (app_commands.MissingRole(1), "a role that you do not have"),
    "roles": (app_commands.MissingAnyRole([1, 2]), "a role that you do not have"),
    "check": (app_commands.CheckFailure(), "may not do that here"),
    "no such command": (app_commands.CommandNotFound("dram", []), "just changed"),
    "transformer": (transformed(), f"could not read “{'x' * 50}”"),
    "transformer's own words": (transformed(UserError(SENTENCE)), SENTENCE),
    "forbidden": (refused(403, 50013, discord.Forbidden), "does not let me"),
    "Discord down": (refused(503, 0, discord.DiscordServerError), "Discord itself"),
    "too large": (refused(413, 40005), "no file of this size"),
    "AutoMod": (refused(400, 200000), "A rule of this server"),
    "too late": (refused(401, 50027), "answer no more"),
    "ours": (UserError(SENTENCE), SENTENCE),
    "the engine's": (RecipeError(SENTENCE), SENTENCE),
    "wrapped": (wrapped(UserError(SENTENCE)), SENTENCE),
}


@pytest.mark.parametrize(("error", "said"), KINDS.values(), ids=KINDS)
def test_an_error_has_its_sentence_and_no_details(error: Exception, said: str) -> None:
    told = ENGLISH.read(trouble.sentence_for(error, 1))
    assert said in told
    assert "secret" not in told
    assert "noted as" not in told


def test_every_row_of_the_table_is_tested() -> None:
    tested = [error for error, _ in KINDS.values()]
    rows = [kind for kind, _ in trouble.BY_CLASS if kind is not app_commands.CommandSignatureMismatch]
    assert [kind for kind in rows if not any(type(error) is kind for error in tested)] == []
    codes = {error.code for error in tested if isinstance(error, discord.HTTPException)}
    assert set(trouble.BY_CODE) <= codes


def test_an_error_that_nobody_foresaw_has_a_reference_that_the_log_has(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        told = ENGLISH.read(trouble.sentence_for(wrapped(ValueError("secret details")), 7))
    assert "secret" not in told
    reference = told.partition("noted as ")[2][:8]
    (record,) = caplog.records
    assert reference in record.getMessage()
    assert "interaction 7" in record.getMessage()
    assert record.exc_info is not None
