"""Moments as somebody types them in a shell: how long from now, or when."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import click

UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_LONG = re.compile(r"(\d{1,5})([mhdw])")
MOST_DAYS = 3660


class Moment(click.ParamType[datetime]):
    """``90m``, ``12h``, ``3d``, ``2w`` from now; or ``2026-12-24`` or ``2026-12-24T18:00`` by this machine's clock."""

    name = "when"

    def convert(self, value: str | datetime, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Return the moment, in UTC."""
        if isinstance(value, datetime):
            return value
        now = datetime.now(UTC)
        lasting = _LONG.fullmatch(value)
        try:
            if lasting is not None:
                moment = now + timedelta(**{UNITS[lasting[2]]: int(lasting[1])})
            else:
                moment = datetime.fromisoformat(value).astimezone(UTC)
        except (ValueError, OverflowError):
            self.fail(f"{value!r} is no time: write 90m, 12h, 3d, 2w, or 2026-12-24T18:00.", param, ctx)
        if not now < moment < now + timedelta(days=MOST_DAYS):
            self.fail(f"{value!r} is past, or more than ten years away.", param, ctx)
        return moment


def written(moment: datetime) -> str:
    """Return a moment by this machine's clock, to the minute."""
    return f"{moment.astimezone():%Y-%m-%d %H:%M %Z}"
