"""What the doctor asks Discord. Each check returns a sentence, or raises one that says what to do."""

from __future__ import annotations

from bot.resources import StartError, api_host, token_of
from bot.setup.application import Application, NotReachedError, greet, invite_link, nobody, reach
from bot.setup.examined import Examined

# Application flags that grant an intent: in full, and below 100 servers.
PRIVILEGED = {"presence": 1 << 12 | 1 << 13, "server members": 1 << 14 | 1 << 15, "message content": 1 << 18 | 1 << 19}
FEW_STARTS = 20  # of a thousand a day: a bot that is started again and again is soon locked out until tomorrow
# Discord's ids hold its time, and tokens of interactions die 15 minutes after theirs; people see “in 2 minutes”.
CLOCK_OFF_S = 30.0


async def api(examined: Examined) -> str:
    """Is Discord's REST server there?"""
    try:
        await examined.application()
    except NotReachedError:
        raise
    except StartError:  # the token's matter: without a good one nobody may have asked
        await reach(examined.settings)
    return f"{api_host(examined.settings)} answers."


async def token(examined: Examined) -> str:
    """Whose token is it?"""
    try:
        application = await examined.application()
    except NotReachedError as error:
        raise StartError("Not checked: first the trouble with the api.") from error
    return f"The bot is {application.name}. Invite it: {invite_link(application.id)}"


async def intents(examined: Examined) -> str:
    """Does the application allow what the bot asks for?"""
    flags = (await _asked(examined)).flags
    idle = [name for name, bits in PRIVILEGED.items() if flags & bits]
    spare = f" It does without those that are switched on: {', '.join(idle)}." if idle else ""
    return f"The bot needs no privileged intent.{spare}"


async def clock(examined: Examined) -> str:
    """Does this machine's clock tell Discord's time?"""
    off_s = (await _asked(examined)).clock_off_s
    if abs(off_s) > CLOCK_OFF_S:
        way = "ahead of" if off_s > 0 else "behind"
        raise StartError(f"This machine's clock is {abs(off_s):.0f} s {way} Discord's: let NTP set it.")
    return "It tells Discord's time."


async def gateway(examined: Examined) -> str:
    """Can the bot connect?"""
    application = await _asked(examined)
    await greet(application.gateway)
    if application.starts_left < FEW_STARTS:
        raise StartError(
            f"Discord grants only {application.starts_left} more connections today: see why the bot was started so "
            "often before starting it again."
        )
    return f"It says hello, and grants {application.starts_left} more connections today."


async def operators(examined: Examined) -> str:
    """Are those whom people shall ask, and who settle reports, accounts of Discord's?"""
    named = sorted(examined.settings.operators)
    if not named:
        return "OPERATORS names nobody: they are the application's owner or team."
    await _asked(examined)
    if unknown := await nobody(examined.settings, token_of(examined.settings), named):
        raise StartError(
            f"OPERATORS names {', '.join(map(str, unknown))}, which Discord does not know: copy the ids of people from "
            "Discord (Developer Mode, then Copy User ID)."
        )
    return f"Discord knows all of the {len(named)} that OPERATORS names."


async def _asked(examined: Examined) -> Application:
    try:
        return await examined.application()
    except StartError as error:
        what = "api" if isinstance(error, NotReachedError) else "token"
        raise StartError(f"Not checked: first the trouble with the {what}.") from error
