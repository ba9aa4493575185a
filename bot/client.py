"""The discord.py client: intents, commands, buttons, and the way of every error to the one handler."""

from __future__ import annotations

import logging
from functools import partial
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.admin import Admin
from bot.admin.notices import Notices
from bot.admin.removal import Removal
from bot.claims import Claims
from bot.cogs.atlas import AtlasCog
from bot.cogs.dream import DreamCog, dream_this
from bot.cogs.film import FilmCog
from bot.cogs.gallery import GalleryCog
from bot.cogs.help import HelpCog
from bot.cogs.presets import PresetCog
from bot.cogs.privacy import PrivacyCog
from bot.cogs.queue import QueueCog
from bot.cogs.report import report_dream
from bot.cogs.settings import SettingsCog
from bot.doorman import Doorman
from bot.drafts import Drafts, Kept, KeptWish
from bot.errors import UserError
from bot.floods import Floods
from bot.gallery import Gallery, Moderation
from bot.gallery.mirror import Mirror
from bot.guilds import Guilds
from bot.intake.decoder import Decoder
from bot.jobs.service import Jobs
from bot.presets import Presets
from bot.privacy import Privacy
from bot.registration import register
from bot.settings import Settings
from bot.shards import Shards
from bot.store.admin.reports import Reports
from bot.store.newest import Newest
from bot.store.registrations import Registrations
from bot.translator import Translator
from bot.views import forms, handbook, lasting
from bot.views.atlas.atlases import Atlases
from bot.views.atlas.buttons import ATLAS
from bot.views.atlas.forms import NumberForm
from bot.views.buttons import BUTTONS
from bot.views.dream_form import EditForm, NewForm, Reopen
from bot.views.edit import Edit
from bot.views.forms import Form
from bot.views.gallery.add import FROM_DREAMS
from bot.views.gallery.buttons import SEEN_BUTTONS
from bot.views.gallery.forms import GALLERY_FORMS, AddAgain
from bot.views.gallery.moderation.buttons import MODERATION
from bot.views.gallery.moderation.forms import MODERATION_FORMS
from bot.views.gallery.own_buttons import OWN_BUTTONS
from bot.views.gallery.page_buttons import PAGE_BUTTONS
from bot.views.gate import let_in
from bot.views.lasting import Lasting
from bot.views.mentions import Mentions
from bot.views.moving import MOVING
from bot.views.original import Original
from bot.views.panel import PANEL
from bot.views.pick import Pick
from bot.views.post_it import PostIt
from bot.views.presets.buttons import PRESETS
from bot.views.presets.forms import RenameForm, SaveForm
from bot.views.presets.save import SavePreset
from bot.views.privacy.buttons import PRIVACY
from bot.views.reports.buttons import REPORT_BUTTONS, REPORT_FORMS
from bot.views.reports.channel import ReportChannel
from bot.views.reports.forms import ReportForm
from bot.views.reports.notices import tell_flood
from bot.views.settings.controls import SETTINGS
from bot.views.settings.forms import SETTINGS_FORMS
from bot.views.settings.gallery_controls import GALLERY_SETTINGS
from bot.views.settings.gallery_form import GALLERY_SETTINGS_FORMS
from bot.views.show import Show
from bot.views.trouble import report
from bot.views.zoom_film import ZoomInto

log = logging.getLogger(__name__)


class Tree(app_commands.CommandTree["Oneiros"]):
    """The command tree; what a command raises reaches the person."""

    async def interaction_check(self, interaction: discord.Interaction[Oneiros], /) -> bool:
        try:
            let_in(interaction)
        except UserError as error:
            await report(interaction, error)
            return False
        return True

    async def on_error(self, interaction: discord.Interaction[Oneiros], error: app_commands.AppCommandError, /) -> None:
        await report(interaction, error)


class Oneiros(commands.AutoShardedBot):
    """The bot as Discord sees it. What is only declared here is set by ``bot.app`` before it connects."""

    jobs: Jobs
    newest: Newest
    presets: Presets
    gallery: Gallery
    mirror: Mirror
    moderation: Moderation
    privacy: Privacy
    admin: Admin
    reports: Reports
    report_channel: ReportChannel
    removal: Removal
    guild_settings: Guilds  # the library's ``guilds`` are Discord's own

    def __init__(self, settings: Settings, decoder: Decoder, registrations: Registrations) -> None:
        super().__init__(
            command_prefix=commands.when_mentioned,  # asked for by the class; without messages it is never used
            help_command=None,
            intents=discord.Intents(guilds=True),
            allowed_mentions=discord.AllowedMentions.none(),
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            max_messages=None,
            tree_cls=Tree,
            **_shards(settings.shards),
        )
        self.settings = settings
        self.decoder = decoder
        self.registrations = registrations
        self.notices = Notices()
        self.doorman = Doorman(self, lambda: self.admin, settings.operators, self.notices)
        self.drafts: Drafts[Kept] = Drafts()
        self.wishes: Drafts[KeptWish] = Drafts()
        self.claims = Claims()
        self.floods = Floods(settings.rates)
        self.floods.on_begun.append(partial(tell_flood, self.notices))
        self.mentions = Mentions()
        self.atlases = Atlases()
        self._forms: list[type[Form]] = []
        self._items: list[type[Lasting[Any]]] = []

    async def setup_hook(self) -> None:
        await add_commands(self, self.settings)
        self.add_items(
            *BUTTONS,
            Original,
            ZoomInto,
            *MOVING,
            Edit,
            SavePreset,
            Show,
            Pick,
            PostIt,
            *PANEL,
            Reopen,
            *PRESETS,
            *PRIVACY,
            *SETTINGS,
            *GALLERY_SETTINGS,
            *MODERATION,
            *handbook.ITEMS,
            *ATLAS,
            *FROM_DREAMS,
            AddAgain,
            *SEEN_BUTTONS,
            *OWN_BUTTONS,
            *PAGE_BUTTONS,
            *REPORT_BUTTONS,
        )
        self.add_forms(NewForm, EditForm, SaveForm, RenameForm, *SETTINGS_FORMS, *GALLERY_SETTINGS_FORMS)
        self.add_forms(*GALLERY_FORMS, *MODERATION_FORMS, NumberForm, ReportForm, *REPORT_FORMS)
        if self.application_id is None:
            raise RuntimeError("commands are registered after login")
        self.mentions.learn(await register(self.tree, self.application_id, self.registrations))

    async def on_ready(self) -> None:
        log.info("connected as %s, in %s servers", self.user, len(self.guilds))
        # Discord names all servers in its READY, those with an outage too.
        shards = self.settings.shards
        await self.guild_settings.compare(
            lambda guild_id: self.get_guild(guild_id) is not None, (lambda _: True) if shards is None else shards.have
        )
        await self.doorman.heed()  # whatever changed between the connection's beginning and now was shown by nobody

    async def on_guild_remove(self, guild: discord.Guild) -> None:
        """The bot was removed from a server, or the server was deleted; an outage is told otherwise."""
        log.info("no longer in server %s", guild.id)
        await self.guild_settings.left(guild.id)
        self.doorman.left(guild)

    async def on_guild_join(self, guild: discord.Guild) -> None:
        """The bot was let into a server, perhaps again."""
        await self.guild_settings.came(guild.id)
        await self.doorman.joined(guild)

    async def on_interaction(self, interaction: discord.Interaction[Oneiros]) -> None:
        """Hear of every interaction: those that the library hands to nobody are the forms', or nobody's any more."""
        if interaction.type is discord.InteractionType.modal_submit:
            await forms.submitted(interaction, self._forms)
        elif interaction.type is discord.InteractionType.component:
            await lasting.answer_unknown(interaction, self._items)

    def add_items(self, *added: type[Lasting[Any]]) -> None:
        """Let components of these classes find their way back when they are pressed."""
        self.add_dynamic_items(*added)
        self._items += added

    def add_forms(self, *added: type[Form]) -> None:
        """Let modals of these classes find their way back when they are submitted."""
        self._forms += added


# What says nothing else works wherever Discord lets it, whether the server has the bot or a person brings it along.
EVERYWHERE = app_commands.AppCommandContext(guild=True, dm_channel=True, private_channel=True)
BY_ANYBODY = app_commands.AppInstallationType(guild=True, user=True)


async def add_commands(bot: commands.Bot | commands.AutoShardedBot, settings: Settings) -> None:
    """Fill the bot's command tree, and let it speak our languages."""
    bot.tree.allowed_contexts, bot.tree.allowed_installs = EVERYWHERE, BY_ANYBODY
    everywhere = (QueueCog(), PresetCog(), GalleryCog(), AtlasCog(), PrivacyCog(), SettingsCog(), HelpCog())
    for cog in (DreamCog(settings), *everywhere):
        await bot.add_cog(cog)
    if settings.max_film_seconds > 0:
        await bot.add_cog(FilmCog(settings))
    bot.tree.add_command(dream_this)
    bot.tree.add_command(report_dream)
    await bot.tree.set_translator(Translator())


def _shards(ours: Shards | None) -> dict[str, Any]:
    return {} if ours is None else {"shard_ids": ours.ids, "shard_count": ours.count}
