"""What can happen to whatever is asked of Discord, beside its being done."""

from __future__ import annotations

import aiohttp
import discord

FAILURES = (discord.HTTPException, aiohttp.ClientError, OSError)  # TimeoutError is one of the last
