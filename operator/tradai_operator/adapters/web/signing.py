"""How whoever gets a webhook knows that it is ours: the signature of Standard Webhooks (standardwebhooks.com).

HMAC-SHA256 over id, time and body, so that nobody can make one up, change it, or send an old one again later. Pure.
"""

import hashlib
import hmac
from base64 import b64encode


def signed(key: bytes, identity: str, at: int, body: bytes) -> dict[str, str]:
    """The three headers; `at` in seconds since the epoch."""
    content = f"{identity}.{at}.".encode() + body
    signature = b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
    return {"webhook-id": identity, "webhook-timestamp": str(at), "webhook-signature": f"v1,{signature}"}
