"""Sealing: AES-256-GCM with a key per case, itself sealed by the portal's keyring, which lies outside the database."""

import base64
import hashlib
import hmac
import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from portal.errors import SetupError
from portal.storage.belonging import whole_file
from portal.terms import say

MARK = b"\x01"
NONCE = 12


class Sealed(bytes):
    """Bytes that came out of :meth:`Key.seal`. The first byte marks them: no text begins with it, and the database
    refuses a sealed column that lacks it.
    """

    __slots__ = ()


class CannotOpen(Exception):
    """The key does not fit or the bytes were changed."""


@dataclass(frozen=True, repr=False)
class Key:
    """A key that seals and opens. ``place`` binds the bytes to where they stand: moved elsewhere, they do not open."""

    secret: bytes

    @classmethod
    def new(cls) -> "Key":
        """A fresh random key."""
        return cls(secrets.token_bytes(32))

    def seal(self, plain: bytes, place: str) -> Sealed:
        """Encrypt and authenticate."""
        nonce = secrets.token_bytes(NONCE)
        return Sealed(MARK + nonce + AESGCM(self.secret).encrypt(nonce, plain, place.encode()))

    def open(self, sealed: bytes, place: str) -> bytes:
        """Decrypt; raises :class:`CannotOpen` for a wrong key, changed bytes, or bytes from another place."""
        body = sealed.removeprefix(MARK)
        try:
            return AESGCM(self.secret).decrypt(body[:NONCE], body[NONCE:], place.encode())
        except (InvalidTag, ValueError) as error:
            raise CannotOpen from error

    def seal_text(self, text: str, place: str) -> Sealed:
        """Seal a text."""
        return self.seal(text.encode(), place)

    def open_text(self, sealed: bytes, place: str) -> str:
        """Open a text."""
        return self.open(sealed, place).decode()


def no_key() -> Sealed:
    """What stands in the place of a case's key that is gone: it has the form of one, and opens nothing."""
    return Sealed(MARK + b"gone" + Key.new().seal(secrets.token_bytes(32), "gone"))


class Keyring:
    """The portal's own keys in one file (0600) beside the data: the newest wraps, all of them unwrap."""

    def __init__(self, keys: dict[str, bytes]) -> None:
        self._keys = keys
        self._newest = max(keys)

    @classmethod
    def open(cls, path: Path, *, create: bool = False) -> "Keyring":
        """Read the keyring; with ``create``, make one where there is none."""
        if not path.exists():
            if not create:
                raise SetupError(say("找不到密钥文件 {path}。没有它，来件内容无法解密；请从备份恢复。", path=path))
            path.parent.mkdir(parents=True, exist_ok=True)
            new = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
            whole_file(new, json.dumps({"0001": base64.b64encode(secrets.token_bytes(32)).decode()}))
            try:
                # Of many who do so at once, one gives it
                os.link(new, path)
            except FileExistsError:
                pass
            finally:
                new.unlink()
        if path.is_file() and path.stat().st_mode & 0o077:
            raise SetupError(say("密钥文件 {path} 对别的用户可读。请执行 chmod 600 后再启动。", path=path))
        try:
            return cls.of(path.read_text())
        except (ValueError, TypeError, AttributeError, IsADirectoryError) as error:
            raise SetupError(
                say("密钥文件 {path} 写坏了，用它打不开来件。什么也没有改动；请从备份恢复这个文件。", path=path)
            ) from error

    @classmethod
    def of(cls, text: str) -> "Keyring":
        """The keyring that a file holds. ValueError, or the like, where that is none."""
        keys = {name: base64.b64decode(key, validate=True) for name, key in json.loads(text).items()}
        if not keys or any(len(name) != 4 or len(key) != 32 for name, key in keys.items()):
            raise ValueError("no keyring")
        return cls(keys)

    def wrap(self, key: Key, place: str) -> Sealed:
        """Seal a case's key with the newest of the portal's."""
        return Sealed(MARK + self._newest.encode() + Key(self._keys[self._newest]).seal(key.secret, place))

    def unwrap(self, wrapped: bytes, place: str) -> Key:
        """The case's key."""
        name = wrapped[1:5].decode(errors="replace")
        if name not in self._keys:
            raise CannotOpen
        return Key(Key(self._keys[name]).open(wrapped[5:], place))

    def derive(self, purpose: str, *parts: str) -> bytes:
        """32 bytes that follow from the oldest key, the purpose and the parts: receipts, form marks, cookies."""
        message = json.dumps([purpose, *parts]).encode()
        return hmac.new(self._keys[min(self._keys)], message, hashlib.sha256).digest()
