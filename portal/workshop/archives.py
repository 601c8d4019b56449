"""Archives that strangers send (``.xlsx`` is one): checked byte by byte before any parser opens them.

What the parsers get is never the archive that was sent but a new one, made by :func:`packed` of the parts that were
checked. So it does not matter that programs understand a crooked archive in different ways.
"""

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain

from portal.terms import say
from portal.workshop.limits import LIMITS, MEGABYTE, Limits
from portal.workshop.pool import Unreadable

MOST_ENTRIES = 400
MOST_RATIO = 120
SMALL = MEGABYTE  # unpacked; below this no ratio is of harm
STEP = 128 * 1024
CHUNK = MEGABYTE
LOCAL = struct.Struct("<4s5H3L2H")
CENTRAL = struct.Struct("<4s6H3L5H2L")
END = struct.Struct("<4s4H2LH")
UTF8_NAME = 0x800
DECLARED = re.compile(rb"""<\?xml[^>]*?\sencoding\s*=\s*["']([^"']*)""")
BLANKS = b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n"


@dataclass(frozen=True)
class Part:
    """One file of an archive, still packed: its raw bytes, and what the directory claims of them."""

    packed: memoryview | bytes
    method: int
    size: int
    crc: int

    def chunks(self) -> Iterator[bytes]:
        """The contents, about a megabyte at a time. Raises :class:`Unreadable` where the directory lied about them."""
        crc = total = 0
        for chunk in self._unpacked():
            total += len(chunk)
            if total > self.size:
                raise Unreadable(say("文件内部记录的大小与实际不符，没有打开。请用 WPS 或 Excel 重新另存为 .xlsx 再传"))
            crc = zlib.crc32(chunk, crc)
            yield chunk
        if total != self.size or crc != self.crc:
            raise damaged()

    def contents(self, most: int) -> bytes:
        """All of it, where it is at most ``most`` bytes."""
        if self.size > most:
            n, limit = self.size // MEGABYTE, most // MEGABYTE
            raise Unreadable(say("文件内部的结构说明有 {n} MB，最多 {most} MB。请把数据复制到新表格再传", n=n, most=limit))
        return b"".join(self.chunks())

    def _unpacked(self) -> Iterator[bytes]:
        if self.method == zipfile.ZIP_STORED:
            for start in range(0, len(self.packed), CHUNK):
                yield bytes(self.packed[start : start + CHUNK])
            return
        inflater, held = zlib.decompressobj(-zlib.MAX_WBITS), b""
        for start in range(0, len(self.packed), STEP):
            if inflater.eof:
                raise damaged()
            rest: memoryview | bytes = self.packed[start : start + STEP]
            more = True
            while more:
                try:
                    out = inflater.decompress(rest, CHUNK)
                except zlib.error as error:
                    raise damaged() from error
                rest = inflater.unconsumed_tail
                more = not inflater.eof and (bool(rest) or len(out) == CHUNK)
                held = held + out if held else out
                if len(held) >= STEP:  # never a few bytes at a time, so that the first chunk shows what the part is
                    yield held
                    held = b""
        if not inflater.eof or inflater.unused_data:
            raise damaged()
        if held:
            yield held


def damaged() -> Unreadable:
    """The sentence for what cannot be read and has no better reason."""
    return Unreadable(say("文件已损坏或不完整，读不出来。请用 WPS 或 Excel 打开，另存为 .xlsx 再传"))


def opened(data: bytes, limits: Limits = LIMITS) -> dict[str, Part]:
    """The parts of an archive by name, after its directory was checked; nothing is unpacked yet.

    Raises :class:`Unreadable` for too many or too large parts, encryption, names that point elsewhere, and parts that
    share bytes.
    """
    if (found := data.count(b"PK\x01\x02")) > MOST_ENTRIES:
        raise Unreadable(
            say("文件里有 {n} 个部件，最多 {most} 个，没有打开。请把数据复制到新表格再传", n=found, most=MOST_ENTRIES)
        )
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = sorted(archive.infolist(), key=lambda entry: entry.header_offset)
            end = archive.start_dir
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, struct.error) as error:
        raise damaged() from error
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > limits.unpacked:
        n, most = unpacked // MEGABYTE, limits.unpacked // MEGABYTE
        raise Unreadable(say("文件解开后有 {n} MB，最多 {most} MB。请只保留需要的表和行，另存后再传", n=n, most=most))
    ratio = unpacked // (sum(entry.compress_size for entry in entries) or 1)
    if unpacked > SMALL and ratio > MOST_RATIO:
        raise Unreadable(
            say("文件解开后是原来的 {n} 倍，最多 {most} 倍，没有打开。请把数据复制到新表格再传", n=ratio, most=MOST_RATIO)
        )
    parts: dict[str, Part] = {}
    ends = [*(entry.header_offset for entry in entries), end][1:]
    for entry, limit in zip(entries, ends, strict=True):
        name = entry.filename.replace("\\", "/")
        _check_name(name, parts)
        parts[name] = _part(data, entry, limit)
    return {name: part for name, part in parts.items() if not name.endswith("/")}


def _check_name(name: str, known: Mapping[str, Part]) -> None:
    shown = "".join(letter for letter in name[:60] if letter.isprintable())
    if name.startswith("/") or ":" in name or ".." in name.split("/") or not name.isprintable():
        raise Unreadable(say("文件里有指向别处的路径“{name}”，没有打开。请用 WPS 或 Excel 另存为 .xlsx 再传", name=shown))
    if name in known:
        raise Unreadable(say("文件里有两个同名的部件“{name}”，没有打开。请用 WPS 或 Excel 另存为 .xlsx 再传", name=shown))


def _part(data: bytes, entry: zipfile.ZipInfo, limit: int) -> Part:
    if entry.flag_bits & 0x1:
        raise Unreadable(say("文件加了密码，读不出来。请在 WPS 或 Excel 里取消密码，另存为 .xlsx 再传"))
    if entry.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        raise Unreadable(say("文件用了少见的压缩方式，没有打开。请用 WPS 或 Excel 另存为 .xlsx 再传"))
    try:
        signature, *_, name_length, extra_length = LOCAL.unpack_from(data, entry.header_offset)
    except struct.error as error:
        raise damaged() from error
    start = entry.header_offset + LOCAL.size + name_length + extra_length
    if signature != b"PK\x03\x04":
        raise damaged()
    if start + entry.compress_size > limit:
        raise Unreadable(say("文件里的部件互相重叠，像是恶意文件，没有打开。请用 WPS 或 Excel 另存为 .xlsx 再传"))
    packed = memoryview(data)[start : start + entry.compress_size]
    return Part(packed, entry.compress_type, entry.file_size, entry.CRC)


def check_contents(parts: Mapping[str, Part]) -> None:
    """Unpack every part once, keeping nothing: sizes and sums must be true, and XML must be UTF-8 without a DTD.

    What is XML is decided by how a part begins, not by its name, because parsers follow references to any name.
    Raises :class:`Unreadable`.
    """
    for name, part in parts.items():
        chunks = part.chunks()
        first = next(chunks, b"")
        start = first.lstrip(BLANKS)
        xml = not start or start.startswith(b"<")
        if xml and (said := DECLARED.search(first[:1024])) and said[1].lower() not in {b"utf-8", b"us-ascii", b"ascii"}:
            raise _not_utf8(name)
        tail = b""
        for chunk in chain((first,), chunks):
            if xml:
                _check_markup(name, chunk, tail + chunk[:10])
                tail = chunk[-10:]


def _check_markup(name: str, chunk: bytes, seam: bytes) -> None:
    if b"\0" in chunk:
        raise _not_utf8(name)
    if any(word in where for word in (b"<!DOCTYPE", b"<!ENTITY") for where in (chunk, seam)):
        raise Unreadable(say("文件的“{name}”里有实体定义（DTD），正常的表格没有。请把数据复制到新表格再传", name=name[:60]))


def _not_utf8(name: str) -> Unreadable:
    return Unreadable(say("文件的“{name}”不是 UTF-8 编码，没有打开。请用 WPS 或 Excel 另存为 .xlsx 再传", name=name[:60]))


def packed(parts: Mapping[str, Part | bytes]) -> bytes:
    """A plain new archive of these parts; what was packed stays as it is."""
    out, directory = io.BytesIO(), io.BytesIO()
    for name, given in parts.items():
        part = given if isinstance(given, Part) else Part(given, zipfile.ZIP_STORED, len(given), zlib.crc32(given))
        raw, at = name.encode(), out.tell()
        figures = (UTF8_NAME, part.method, 0, 0x21, part.crc, len(part.packed), part.size, len(raw))  # 1 January 1980
        out.write(LOCAL.pack(b"PK\x03\x04", 20, *figures, 0) + raw)
        out.write(part.packed)
        directory.write(CENTRAL.pack(b"PK\x01\x02", 20, 20, *figures, 0, 0, 0, 0, 0, at) + raw)
    at = out.tell()
    out.write(directory.getvalue())
    out.write(END.pack(b"PK\x05\x06", 0, 0, len(parts), len(parts), directory.tell(), at, 0))
    return out.getvalue()
