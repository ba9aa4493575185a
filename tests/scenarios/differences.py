"""Where the two tiers differ. Each has its row, by its words, in docs/emulator.md, with who is right and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from seen import BOT, Refusal, Seen
from theatre import Tier

MIB = 1024 * 1024


@dataclass(frozen=True)
class Difference:
    """One thing that simcord and the emulator show differently: ``what`` is the row's first cell."""

    what: str
    simcord: Any
    emulator: Any

    def on(self, tier: Tier) -> Any:
        """Return what is seen there."""
        return self.simcord if tier is Tier.SIMCORD else self.emulator


# The message's type, and whether it refers to another.
FOLLOW_UP = Difference("a follow-up", ("chat_input_command", False), ("reply", True))
ANSWER_TO_A_PRESS = Difference("an answer beside a pressed message", ("default", False), ("reply", True))

# The message's flags, what is told in its channel, and whether it can have only one.
THREAD = Difference(
    "a thread that grows from a new message",
    (frozenset(), lambda id_: [Seen(BOT, "cups", kind="thread_created", replies_to=id_)], False),
    (frozenset({"has_thread"}), lambda _: [], True),
)
MARKED_EDITED = Difference("the first answer to “thinking”", True, False)
LISTED = Difference("files that components show", True, False)
NAMES_THE_PLACE = Difference("a wrong body (50035)", False, True)
NAMELESS_FIELD = Difference("an embed's field without a name", False, True)  # whether it is refused
EMPTY_MESSAGE = Difference("an empty message", Refusal(400, 50035), Refusal(400, 50006))
EARLY_FOLLOW_UP = Difference("a follow-up before the first answer", None, Refusal(404, 10015))
UNATTACHED = Difference("a bot without Attach Files", None, Refusal(403, 50013))
AGE_RESTRICTED = Difference("age-restricted commands and channels", False, True)  # whether there are any
NONCES = Difference("a nonce that was just used", False, True)  # whether it is looked at
DEAD_TOKEN = Difference("an interaction token that has died", Refusal(404, 10015), Refusal(401, 50027))
UPLOAD_LIMIT = Difference("an interaction's upload limit", (25 * MIB, None), (20 * MIB, Refusal(413, 40005)))
