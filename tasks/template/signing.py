"""The signature of a template: who it was made for and when, so that nobody else can make one.

A signature names its key, so that a key can be replaced while templates signed with the old one are still out.
"""

import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping

from tasks.template.return_fields import KEY_NAMES

ID_LETTERS = 8

_SIGNED = tuple(name for name in KEY_NAMES if name != "signature")


def key_id(key: bytes) -> str:
    """The name of a key: it follows from the key and tells nothing of it."""
    return hashlib.sha256(b"tiendo key " + key).hexdigest()[:ID_LETTERS]


def sign(keys: Mapping[str, object], key: bytes) -> str:
    """`<key's id>.<HMAC-SHA256 in hex>` of the keys of FORMATS §3 but the signature, as canonical JSON of texts."""
    said = {name: str(keys[name]) for name in _SIGNED}
    text = json.dumps(said, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return f"{key_id(key)}.{hmac.new(key, text.encode(), hashlib.sha256).hexdigest()}"


def is_signed(keys: Mapping[str, object], known: Iterable[bytes]) -> bool:
    """Whether the keys carry the signature that one of the workspace's keys gives them."""
    if any(keys.get(name) is None for name in KEY_NAMES):
        return False
    given = str(keys["signature"])
    named = [key for key in known if given.startswith(f"{key_id(key)}.")]
    return any(hmac.compare_digest(sign(keys, key).encode(), given.encode()) for key in named)
