"""Who and what is there when the emulator starts: three guilds with channels, their people, a group, and the bot."""

from __future__ import annotations

from dataclasses import dataclass

from bot.emulator.members import Members
from bot.emulator.model import Guild, Person
from bot.emulator.permissions import Permission
from bot.emulator.places import Places
from bot.emulator.world import World

PEOPLE = (
    ("ada", "Ada", "en-US"),
    ("bob", "Bob", "en-US"),
    ("mod", "Mod", "en-GB"),
    ("lena", "Lena", "de"),
)


@dataclass(frozen=True, slots=True)
class _Plan:
    """A guild: who owns it and who else is there, how it is boosted, and its channels: name, topic, age-restricted."""

    name: str
    owner: str
    others: tuple[str, ...]
    channels: tuple[tuple[str, str, bool], ...]
    tier: int = 0
    bot: bool = True


_LIGHTHOUSE = _Plan(
    "The Lighthouse",
    "ada",
    ("bob", "mod", "lena"),
    (
        ("dreams", "Where the bot is at work", False),
        ("lounge", "Talk about anything", False),
        ("after-dark", "Age-restricted", True),
    ),
)
_HARBOUR = _Plan(
    "The Harbour",
    "bob",
    ("ada", "lena"),
    (("pier", "Boosted twice: files up to 50 MiB", False), ("workshop", "Large pictures, long films", False)),
    tier=2,
)
_ATTIC = _Plan("The Attic", "lena", ("ada",), (("attic", "The bot is not here", False),), bot=False)
GROUP = ("weekend", ("ada", "bob", "lena"))  # the bot is not there either


def furnish(world: World, places: Places, members: Members, *, bot_name: str) -> None:
    """Put the cast into an empty world: Ada owns The Lighthouse, where Mod may manage messages."""
    world.bot.display = world.application_name = bot_name
    world.bot.username = bot_name.lower().replace(" ", "_")
    named = {name: Person(world.ids.new(), name, display, locale=locale) for name, display, locale in PEOPLE}
    world.people |= {person.id: person for person in named.values()}
    lighthouse, *_ = [_found(plan, places, members, named) for plan in (_LIGHTHOUSE, _HARBOUR, _ATTIC)]
    fields = {"name": "Moderator", "permissions": int(Permission.MANAGE_MESSAGES), "colour": 0x2FA88A}
    moderator = members.add_role(lighthouse, fields)
    members.give_role(lighthouse, lighthouse.members[named["mod"].id], moderator, granted=True)
    for person in named.values():
        world.direct_channel(person)
    name, inside = GROUP
    places.add_group(name, [named[one] for one in inside])
    named["lena"].installed = True


def _found(plan: _Plan, places: Places, members: Members, named: dict[str, Person]) -> Guild:
    guild = places.add_guild(plan.name, named[plan.owner], tier=plan.tier, bot=plan.bot)
    for username in plan.others:
        members.add(guild, named[username])
    for name, topic, nsfw in plan.channels:
        places.add_channel(guild, name, topic=topic, nsfw=nsfw)
    return guild
