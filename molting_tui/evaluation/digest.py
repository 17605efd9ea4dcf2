"""The digest by which rubrics and questions are told apart: SHA-256 of canonical JSON, NFC."""

from __future__ import annotations

import hashlib
import json
import unicodedata


def content_digest(value: object) -> str:
    """The SHA-256 (hex) of a JSON value: keys sorted, no white space, Unicode in NFC, UTF-8.

    Two files that say the same, with their fields in another order or their accents composed another way, have one
    digest.
    """
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(unicodedata.normalize("NFC", text).encode("utf-8", "surrogatepass")).hexdigest()
