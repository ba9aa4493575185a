"""Every setting: name, default, help. Read once, by the command: from the environment, and from a file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, IPvAnyNetwork, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.fail_points import FailPoint
from bot.floods import Rates
from bot.shards import Shards
from engine.films.settings import LARGEST_FILM, MOST_SECONDS
from engine.recipe import LARGEST_SIDE

SETTINGS_FILE = Path("oneiros.env")  # in the working folder; what the environment says counts more
WEB_ADDRESS = r"^https?://[^\s/]+\S*$"  # what Discord takes for a link button


class Settings(BaseSettings):
    """The service's settings. The environment's names are these in upper case (``DISCORD_TOKEN``, …)."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", env_ignore_empty=True)

    discord_token: SecretStr | None = Field(None, description="The bot's token.")
    discord_token_file: Path | None = Field(None, description="A file with the bot's token, instead of DISCORD_TOKEN.")
    discord_api: str = Field("https://discord.com/api/v10", description="The REST base address.")
    discord_gateway: str | None = Field(
        None, description="The gateway address; by default, what the REST server names."
    )
    discord_cdn: str = Field(
        "https://cdn.discordapp.com,https://media.discordapp.net",
        description="Origins that attachments may be downloaded from, with commas between them.",
    )
    discord_elsewhere: bool = Field(
        False, description="Allow a REST base that is neither Discord nor on loopback. The token goes there."
    )

    data_dir: Path = Field(Path("data"), description="The folder for the database and the pictures.")
    database_url: str | None = Field(
        None, description="The database: postgresql://person:password@host/name; by default, SQLite in DATA_DIR."
    )
    database_password_file: Path | None = Field(
        None, description="A file with the database's password, where DATABASE_URL has none."
    )
    store_url: str | None = Field(
        None,
        description="Where the pictures are: a folder, or s3://bucket/prefix with the usual AWS_ENDPOINT_URL, "
        "AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY; by default, the folder DATA_DIR/pictures.",
    )
    shards: Annotated[Shards | None, NoDecode] = Field(
        None,
        description="Which shards of how many this process has, as 0-3/8, where several work on one PostgreSQL; by "
        "default all, as many as Discord suggests.",
    )

    pool: Literal["local", "ray"] = Field(
        "local", description="Who dreams: this machine, or a Ray cluster (extra `cluster`, docs/scaling.md)."
    )
    devices: str = Field(
        "auto",
        description="Where this machine dreams, a worker each: auto (every GPU, else the CPU), or cpu, cuda:0, …",
    )
    network_cache_mib: int = Field(1024, ge=0, description="Weights that a worker keeps loaded, in MiB.")
    worker_memory_mib: int | None = Field(
        None,
        ge=1024,
        description="Memory that a worker may have, in MiB; by default, its share of most of the machine's.",
    )
    recycle_after: int = Field(500, ge=1, description="Dreams after which a fresh worker takes over from a worn one.")
    ray_address: str = Field(
        "auto", description="The Ray cluster's address, host:port; auto finds the one that was started on this machine."
    )
    ray_workers: int | None = Field(
        None, ge=1, description="Most workers of a Ray cluster that this bot takes; by default, all."
    )
    dream_size: int = Field(768, ge=64, le=LARGEST_SIDE, description="Longest side of a dream, in pixels.")
    max_dream_size: int = Field(
        1024, ge=64, le=LARGEST_SIDE, description="The same, the most that a person may ask for."
    )
    film_size: int = Field(512, ge=64, le=LARGEST_FILM, description="Longest side of a film, in pixels.")
    max_film_seconds: float = Field(
        10.0, ge=0, le=MOST_SECONDS, description="How long a film may be, in seconds; 0: no films are made."
    )
    max_upload_mib: int = Field(20, ge=1, le=25, description="Largest picture taken, in MiB.")
    max_queued: int = Field(200, ge=1, description="Dreams that may wait at once; above it, new ones are refused.")
    max_queued_per_server: int = Field(100, ge=1, description="The same, for one server.")
    max_queued_per_person: int = Field(5, ge=1, description="The same, for one person.")
    max_running: int | None = Field(None, ge=1, description="Dreams that may be dreamed at once; the others wait.")
    max_running_per_server: int | None = Field(None, ge=1, description="The same, for one server.")
    max_running_per_person: int | None = Field(None, ge=1, description="The same, for one person.")
    max_gflop_a_day: float | None = Field(
        None, gt=0, description="What may be dreamed in 24 hours, in GFLOP; a dream of 768 pixels takes about 480."
    )
    max_gflop_a_day_per_server: float | None = Field(None, gt=0, description="The same, for one server.")
    max_gflop_a_day_per_person: float | None = Field(None, gt=0, description="The same, for one person.")
    max_acts_a_minute: int = Field(
        1800,
        ge=6,
        description="Commands, presses and forms that this process takes in a minute; above it, who acted least goes "
        "before.",
    )
    max_acts_a_minute_per_server: int = Field(600, ge=6, description="The same, for one server.")
    max_acts_a_minute_per_person: int = Field(60, ge=6, description="The same, for one person.")
    new_account_days: float = Field(
        7.0, ge=0, description="How long an account counts as new, in days: it goes after the others where all is full."
    )
    priority_roles: Annotated[frozenset[int], NoDecode] = Field(
        frozenset(), description="Ids of roles whose dreams weigh double in the fair order, with commas between them."
    )
    preview_interval: float = Field(3.0, ge=0.05, description="Least time between two edits of a reply, in seconds.")
    grace_s: float = Field(10.0, ge=0, description="How long running jobs may finish after SIGTERM, in seconds.")
    retention_days: float = Field(
        30.0, gt=0, description="How long a dream's pictures, and what was written down of it, are kept, in days."
    )
    operators: Annotated[frozenset[int], NoDecode] = Field(
        frozenset(),
        description="Discord ids of those who run the bot, with commas between them: they are named where somebody has "
        "to ask; by default, the application's owner or team.",
    )
    source_url: str | None = Field(
        None, pattern=WEB_ADDRESS, description="Where this bot's code is, for a link in /about: https://…"
    )
    privacy_url: str | None = Field(
        None, pattern=WEB_ADDRESS, description="Where your privacy text is, for a link in /about: https://…"
    )
    web_bind: str = Field("127.0.0.1", description="The address that the galleries' pages are served on.")
    web_port: int | None = Field(
        None, ge=0, le=65535, description="The port of the galleries' pages, 0 for a free one; by default, no pages."
    )
    web_url: str | None = Field(
        None,
        pattern=WEB_ADDRESS,
        description="Where visitors find the galleries' pages, for links, feeds and preview cards: https://…; other "
        "names are not answered then.",
    )
    trusted_proxies: Annotated[tuple[IPvAnyNetwork, ...], NoDecode] = Field(
        (),
        description="Addresses or networks of the proxies before the pages, with commas between them: only they are "
        "believed whom they forward.",
    )
    log_format: Literal["text", "json"] = Field(
        "text", description="How the log is written: text, or json, an object a line."
    )
    metrics_bind: str = Field(
        "127.0.0.1", description="The address of /metrics, /healthz and /readyz; nobody else should reach it."
    )
    metrics_port: int | None = Field(
        None, ge=0, le=65535, description="Their port, 0 for a free one (docs/watching.md); by default, they are off."
    )
    die_at: FailPoint | None = Field(
        None,
        description="For tests of crashes: where this process kills itself (docs/jobs.md); refused unless DISCORD_API "
        "is on this machine.",
    )

    @property
    def most_size(self) -> int:
        """The longest side that a person may ask for, in pixels: what they get unasked is never more."""
        return max(self.dream_size, self.max_dream_size)

    @property
    def rates(self) -> Rates:
        """How often people may act."""
        return Rates(
            person=self.max_acts_a_minute_per_person,
            server=self.max_acts_a_minute_per_server,
            whole=self.max_acts_a_minute,
            new_days=self.new_account_days,
        )

    @field_validator("shards", mode="before")
    @classmethod
    def _read_shards(cls, value: object) -> object:
        return Shards.parse(value) if isinstance(value, str) else value

    @field_validator("priority_roles", "operators", mode="before")
    @classmethod
    def _read_ids(cls, value: object) -> object:
        return [one for one in value.split(",") if one.strip()] if isinstance(value, str) else value

    @field_validator("trusted_proxies", mode="before")
    @classmethod
    def _read_proxies(cls, value: object) -> object:
        return [one.strip() for one in value.split(",") if one.strip()] if isinstance(value, str) else value

    @model_validator(mode="after")
    def _one_token(self) -> Self:
        if self.discord_token and self.discord_token_file:
            raise ValueError("Set DISCORD_TOKEN or DISCORD_TOKEN_FILE, not both.")
        return self

    @model_validator(mode="after")
    def _what_needs_postgres(self) -> Self:
        if (self.database_url or "").startswith("postgres"):
            return self
        if self.shards is not None and not self.shards.are_all:
            raise ValueError("SHARDS for one of several processes needs DATABASE_URL to name a PostgreSQL database.")
        if self.database_password_file is not None:
            raise ValueError("DATABASE_PASSWORD_FILE needs DATABASE_URL to name a PostgreSQL database.")
        return self
