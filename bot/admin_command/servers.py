"""``oneiros admin servers``."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import click

from bot import resources
from bot.admin_command.said import (
    ID,
    as_json_option,
    block_as_json,
    block_words,
    ended_words,
    fail,
    reason_option,
    say_rows,
    until_option,
    until_words,
    whoever,
    with_database,
)
from bot.regime import Block
from bot.settings_file import of_command
from bot.setup import servers
from bot.store.admin.acts import Act, AdminActs
from bot.store.admin.regimes import Regimes
from bot.store.database import Database


@click.group("servers")
def servers_group() -> None:
    """Which servers the bot serves."""


@servers_group.command("list")
@as_json_option
@with_database
async def list_servers(database: Database, *, as_json: bool) -> None:
    """List the servers that the bot is in, and those that anything is settled for."""
    settings = of_command()
    regime, _ = await Regimes(database).get()
    there = {one.id: one for one in await servers.servers(settings, resources.token_of(settings))}
    rows = [
        {
            "id": guild_id,
            "name": there[guild_id].name if guild_id in there else None,
            "members": there[guild_id].members if guild_id in there else None,
            "here": guild_id in there,
            "allowed": guild_id in regime.allowed,
            "served": regime.serves(guild_id) and regime.refusal(None, guild_id) is None,
            "blocked": block_as_json(regime.servers.get(guild_id)),
        }
        for guild_id in sorted({*there, *regime.allowed, *regime.servers})
    ]
    say_rows(rows, _server_line, "The bot is in no server.", as_json=as_json)
    if not as_json and regime.listed_only:
        click.echo("The allow-list is on." + (" The bot leaves servers that are not on it." * regime.leave_others))


@servers_group.command("allow")
@click.argument("server", type=ID)
@with_database
async def allow(database: Database, server: int) -> None:
    """Put a server (its id) on the allow-list, which is on from the first one: only such servers are served then."""
    new = await Regimes(database).allow(server, whoever())
    click.echo(
        f"Server {server} is on the allow-list, and only servers on it are served."
        if new
        else f"Server {server} was on the allow-list already."
    )


@servers_group.command("disallow")
@click.argument("server", type=ID)
@with_database
async def disallow(database: Database, server: int) -> None:
    """Take a server (its id) from the allow-list. The list stays on, also when it is empty: see open."""
    if not await Regimes(database).disallow(server, whoever()):
        fail(f"Server {server} is not on the allow-list.")
    click.echo(f"Server {server} is no longer on the allow-list.")


@servers_group.command("only")
@click.option("--leave", is_flag=True, help="Leave all other servers, now and whenever they invite the bot.")
@with_database
async def only(database: Database, *, leave: bool) -> None:
    """Switch the allow-list on: servers that are not on it are told whom to ask."""
    regimes = Regimes(database)
    if leave and not (await regimes.get())[0].allowed:
        fail("The allow-list is empty, and the bot would leave every server: first allow one.")
    await regimes.list_only(whoever(), on=True, leave=leave)
    rest = "The bot leaves all others." if leave else "The bot stays in the others, and tells whom to ask."
    click.echo(f"Only servers on the allow-list are served. {rest}")


@servers_group.command("open")
@with_database
async def open_to_all(database: Database) -> None:
    """Switch the allow-list off: every server is served that is not blocked. What is on it stays."""
    await Regimes(database).list_only(whoever(), on=False)
    click.echo("Every server is served that is not blocked.")


@servers_group.command("block")
@click.argument("server", type=ID)
@reason_option
@until_option
@with_database
async def block_server(database: Database, server: int, reason: str, until: datetime | None) -> None:
    """Shut a server (its id) out: everybody there is told why, and its dreams under way end."""
    count = await Regimes(database).block_server(server, Block(reason, until), whoever())
    click.echo(f"Server {server} is shut out{until_words(until)}. {ended_words(count)}")


@servers_group.command("unblock")
@click.argument("server", type=ID)
@with_database
async def unblock_server(database: Database, server: int) -> None:
    """Let a server (its id) in again."""
    if not await Regimes(database).unblock_server(server, whoever()):
        fail(f"Server {server} was not shut out.")
    click.echo(f"Server {server} is let in again.")


@servers_group.command("leave")
@click.argument("server", type=ID)
@with_database
async def leave_server(database: Database, server: int) -> None:
    """Leave a server (its id), as if the bot had been removed there: what is kept of it goes after 30 days.

    Whoever manages it can invite the bot again; block it too where they should not.
    """

    settings = of_command()
    if not await servers.leave(settings, resources.token_of(settings), server):
        fail(f"The bot is not in server {server}.")
    await AdminActs(database).write(whoever(), Act.LEFT, guild_id=server)
    click.echo(f"The bot has left server {server}. What is kept of it goes after 30 days.")


def _server_line(row: dict[str, Any]) -> str:
    size = f", about {row['members']} members" if row["members"] else ""
    name = f"{row['name']}{size}" if row["here"] else "the bot is not there"
    facts = [name, *(["on the allow-list"] if row["allowed"] else []), *([] if row["served"] else ["not served"])]
    return f"{row['id']}  {'; '.join(facts)}{block_words(row['blocked'])}"
