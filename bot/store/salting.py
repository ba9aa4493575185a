"""What stands for people who are forgotten: salted hashes, by which nobody is found without the salt and their id."""

from __future__ import annotations

import hashlib
import hmac
import secrets

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.store.database import Database
from bot.store.tables import SaltRow


async def salt(database: Database, session: AsyncSession) -> str:
    """Return the salt, which the first question makes; the transaction must be a writing one."""
    fresh = database.insert(SaltRow).values(id=1, salt=secrets.token_hex(32)).on_conflict_do_nothing()
    await session.execute(fresh)
    return (await session.scalars(select(SaltRow.salt))).one()


def hashed(salt: str, person_id: int) -> str:
    """Return a person's salted hash; ``salt`` is hexadecimal."""
    return hmac.new(bytes.fromhex(salt), str(person_id).encode(), hashlib.sha256).hexdigest()
