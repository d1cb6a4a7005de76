"""A store in a dict, which notes every write.

Must never fail by itself.
"""

from hashlib import sha256


class Objects(dict[str, bytes]):
    """Keys and bodies; `writes` are the keys written or deleted, in their order."""

    def __init__(self, *args: object, **kwargs: bytes) -> None:
        super().__init__(*args, **kwargs)
        self.writes: list[str] = []

    def put(self, key: str, body: bytes) -> None:
        self.writes.append(key)
        self[key] = body

    def create(self, key: str, body: bytes) -> bool:
        if key in self:
            return False
        self.put(key, body)
        return True

    def replace(self, key: str, body: bytes, digest: str) -> bool:
        if key not in self or not sha256(self[key]).hexdigest().startswith(digest):
            return False
        self.put(key, body)
        return True

    def keys(self, prefix: str = "") -> list[str]:  # type: ignore[override]
        return [key for key in self if key.startswith(prefix)]

    def delete(self, key: str) -> None:
        self.writes.append(key)
        self.pop(key, None)
