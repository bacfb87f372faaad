"""Public ids: ten characters of Crockford's base 32, so that none can be misread for another.

Source: Douglas Crockford, "Base 32" (the letters i, l, o and u are left out). Ids are lower case; when one is typed
by hand, upper case, ``o`` for ``0`` and ``i`` or ``l`` for ``1`` are understood.
"""

import hashlib
import re
import secrets

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
LENGTH = 10
PATTERN = f"[{ALPHABET}]{{{LENGTH}}}"

_TYPED = str.maketrans({"o": "0", "i": "1", "l": "1"})


def new_uid() -> str:
    """Draw a random id: 50 bits, about one chance in 2,000 of any clash among a million records."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def uid_for(*, kind: str, key: str) -> str:
    """Derive the id that a record of a shipped data set has in every installation, from its kind and key there."""
    number = int.from_bytes(hashlib.sha256(f"{kind}:{key}".encode()).digest()[:8]) >> 14
    return "".join(ALPHABET[(number >> (5 * place)) & 31] for place in reversed(range(LENGTH)))


def normalise_uid(typed: str) -> str | None:
    """Read an id as a person may type it; ``None`` when it cannot be one."""
    uid = typed.strip().lower().translate(_TYPED)
    return uid if re.fullmatch(PATTERN, uid) else None
