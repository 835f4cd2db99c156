"""The signature of a template: who it was made for and when, so that nobody else can make one."""

import hashlib
import hmac
import json
from collections.abc import Mapping

from tasks.template.return_fields import KEY_NAMES

_SIGNED = tuple(name for name in KEY_NAMES if name != "signature")


def sign(keys: Mapping[str, object], key: bytes) -> str:
    """HMAC-SHA256 (hex) over the keys of FORMATS §3 but the signature, as canonical JSON of their texts."""
    said = {name: str(keys[name]) for name in _SIGNED}
    text = json.dumps(said, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def is_signed(keys: Mapping[str, object], key: bytes) -> bool:
    """Whether the keys carry the signature that this key gives them."""
    if any(keys.get(name) is None for name in KEY_NAMES):
        return False
    return hmac.compare_digest(sign(keys, key), str(keys["signature"]))
