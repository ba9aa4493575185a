"""``oneiros admin``: what whoever runs the bot settles for all of it, while the bot runs or not."""

import click

from bot.admin_command.pausing import pause, resume, show_log, status
from bot.admin_command.people import people_group
from bot.admin_command.reports import reports_group
from bot.admin_command.servers import servers_group
from bot.admin_command.takedowns import takedown, takedowns_group

COMMANDS: dict[str, click.Command] = {
    "servers": servers_group,
    "people": people_group,
    "takedown": takedown,
    "takedowns": takedowns_group,
    "reports": reports_group,
    "pause": pause,
    "resume": resume,
    "status": status,
    "log": show_log,
}
