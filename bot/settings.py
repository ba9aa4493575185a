"""Every setting: name, default, help. Read from the environment once, in ``bot.app``."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, Self

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


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
        None, description="SQLAlchemy address of the database; by default, SQLite in DATA_DIR."
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
    dream_size: int = Field(768, ge=64, le=2048, description="Longest side of a dream, in pixels.")
    max_upload_mib: int = Field(20, ge=1, le=25, description="Largest picture taken, in MiB.")
    max_queued: int = Field(200, ge=1, description="Jobs that may wait at once; above it, new ones are refused.")
    max_jobs_per_person: int = Field(5, ge=1, description="Jobs of one person that may wait or run at once.")
    preview_interval: float = Field(3.0, ge=0.05, description="Least time between two edits of a reply, in seconds.")
    grace_s: float = Field(10.0, ge=0, description="How long running jobs may finish after SIGTERM, in seconds.")
    retention_days: float = Field(30.0, gt=0, description="How long pictures are kept, in days.")

    @model_validator(mode="after")
    def _one_token(self) -> Self:
        if self.discord_token and self.discord_token_file:
            raise ValueError("Set DISCORD_TOKEN or DISCORD_TOKEN_FILE, not both.")
        return self
