"""A file that only a passphrase opens: scrypt gives the key, AES-256-GCM seals chunk by chunk.

A line of JSON says how the key follows from the passphrase; after it come the chunks. Each is sealed under a number that counts
them, with a mark on the last one, and with the whole first line as what belongs to it (the STREAM construction): a chunk that was
changed, left out, put elsewhere, cut off at the end or taken from another file does not open.
"""

import base64
import io
import json
import secrets
from pathlib import Path
from typing import IO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from portal.errors import Refused
from portal.terms import say

MAGIC = "portal sealed file 1"
CHUNK = 1024 * 1024
TAG = 16
COST = {"n": 2**17, "r": 8, "p": 1}
LONGEST_LINE = 4096
SHORTEST_PASSPHRASE = 12


def _cipher(passphrase: str, told: dict[str, object], salt: bytes) -> AESGCM:
    n, r, p = (int(str(told[name])) for name in ("n", "r", "p"))
    return AESGCM(Scrypt(salt=salt, length=32, n=n, r=r, p=p).derive(passphrase.encode()))


def _nonce(salt: bytes, number: int, *, last: bool) -> bytes:
    # The key is fresh for each file, so that a counter alone would do; the salt's first bytes tell files apart nevertheless
    return salt[:7] + number.to_bytes(4, "big") + bytes([last])


class SealingWriter(io.RawIOBase):
    """Write into it what is to be sealed; :meth:`close` seals the last chunk. ``of`` is a mark of whose it is, which tells
    nothing else and which everybody may read.
    """

    def __init__(self, file: IO[bytes], passphrase: str, *, kind: str, of: str = "", cost: dict[str, int] | None = None) -> None:
        super().__init__()
        self._salt = secrets.token_bytes(16)
        told: dict[str, object] = {
            "is": MAGIC,
            "kind": kind,
            "of": of,
            **(cost or COST),
            "salt": base64.b64encode(self._salt).decode(),
        }
        self._line = json.dumps(told).encode() + b"\n"
        self._cipher = _cipher(passphrase, told, self._salt)
        self._file, self._held, self._number = file, bytearray(), 0
        file.write(self._line)

    def writable(self) -> bool:
        """It is written to."""
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override] # whatever has bytes
        """Take bytes; whole chunks are sealed at once, but one is kept back, since it may be the last."""
        self._held += data
        while len(self._held) > CHUNK:
            self._seal(bytes(self._held[:CHUNK]), last=False)
            del self._held[:CHUNK]
        return len(data)

    def close(self) -> None:
        """Seal what is left as the last chunk."""
        if not self.closed:
            self._seal(bytes(self._held), last=True)
        super().close()

    def give_up(self) -> None:
        """Nothing of it is wanted any more: what an archive around it still writes when it goes has no place to go to."""
        self._file = io.BytesIO()

    def _seal(self, chunk: bytes, *, last: bool) -> None:
        self._file.write(self._cipher.encrypt(_nonce(self._salt, self._number, last=last), chunk, self._line))
        self._number += 1


class OpeningReader(io.RawIOBase):
    """Read what was sealed. Raises :class:`Refused` for another passphrase, another kind of file, and any change."""

    def __init__(self, file: IO[bytes], passphrase: str, *, kind: str, name: str) -> None:
        super().__init__()
        self._file, self._name = file, name
        self._line = file.readline(LONGEST_LINE)
        try:
            told = json.loads(self._line)
            self._salt = base64.b64decode(told["salt"])
            right = told["is"] == MAGIC and told["kind"] == kind
            # Whoever wrote the line must not make us work, or fill the memory, without end
            cheap = 2**10 <= told["n"] <= 2**20 and 1 <= told["r"] <= 16 and 1 <= told["p"] <= 4
        except (ValueError, TypeError, KeyError) as error:
            raise self._no_such_file(kind) from error
        if not (right and cheap):
            raise self._no_such_file(kind)
        self._cipher = _cipher(passphrase, told, self._salt)
        self._held, self._number, self._ended = b"", 0, False
        self._next = file.read(CHUNK + TAG)
        self._turn()

    def readable(self) -> bool:
        """It is read."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override] # what BufferedReader hands
        """Fill the buffer with what comes next."""
        while not self._held and not self._ended:
            self._turn()
        part = self._held[: len(buffer)]
        buffer[: len(part)] = part
        self._held = self._held[len(part) :]
        return len(part)

    def _turn(self) -> None:
        chunk, self._next = self._next, self._file.read(CHUNK + TAG)
        self._ended = not self._next
        try:
            self._held = self._cipher.decrypt(_nonce(self._salt, self._number, last=self._ended), chunk, self._line)
        except InvalidTag as error:
            if self._number == 0:
                raise Refused(say("口令不对，或者 {name} 被改动过、不完整。什么也没有改动。", name=self._name)) from error
            raise Refused(say("{name} 被改动过，或者不完整，不能用。请换一份备份。", name=self._name)) from error
        self._number += 1

    def _no_such_file(self, kind: str) -> Refused:
        what = {"data": say("备份文件"), "keys": say("密钥文件")}.get(kind, say("文件"))
        return Refused(say("{name} 不是门户的{what}。", name=self._name, what=what))


def kind_of(path: Path) -> str:
    """Which kind of sealed file this is, or nothing."""
    return _first_line_says(path, "kind")


def mark_of(path: Path) -> str:
    """The mark of whose sealed file this is; nothing where it bears none."""
    return _first_line_says(path, "of")


def _first_line_says(path: Path, what: str) -> str:
    try:
        with path.open("rb") as file:
            told = json.loads(file.readline(LONGEST_LINE))
    except (OSError, ValueError):
        return ""
    return str(told.get(what, "")) if isinstance(told, dict) and told.get("is") == MAGIC else ""
