"""Photos of a form that is still being filled in, kept so that a mistake elsewhere in it loses none of them.

They are sealed with a key that only the form's id gives; the id is known to the reporter's browser and to nobody else.
Whatever is not sent within a day is swept away.
"""

import asyncio
import logging
from dataclasses import dataclass
from datetime import timedelta

from portal.call import Call
from portal.errors import NotVisible, Refused
from portal.feedback.tables import DraftPhoto
from portal.storage.files import digest
from portal.storage.seals import Key
from portal.storage.tables import StoredFile
from portal.terms import say
from portal.workshop.images import reencode

logger = logging.getLogger("portal")
MOST_PHOTOS = 6
MOST_BYTES = 8 * 1024 * 1024
PIXELS = 1600
KEPT_FOR = timedelta(hours=24)
# About a gigabyte: strangers must not fill the disk on which reports are kept
MOST_DRAFTS = 3_000


@dataclass(frozen=True)
class Draft:
    """A photo of an unsent form: its id, and a small picture to show."""

    id: str
    thumb: bytes


def form_mark(call: Call, form: str) -> bytes:
    """What is stored of a form's id: enough to know it again, not enough to open what was sealed with it."""
    return call.portal.keyring.derive("form", form)


def _key(call: Call, form: str) -> Key:
    return Key(call.portal.keyring.derive("draft", form))


async def keep_photo(call: Call, form: str, data: bytes) -> None:
    """Write an uploaded photo anew and keep it with its form. :class:`Refused` where it is none, too large, or one too many."""
    if len(data) > MOST_BYTES:
        raise Refused(say("照片超过 {n} MB，请选小一些的。", n=MOST_BYTES // 1024 // 1024), field="photos")
    try:
        picture = await call.portal.workshop.do(reencode, data, PIXELS)
    except Refused as error:
        raise Refused(error.text, field="photos") from error
    # The same photo sent again (a page loaded anew) is the same photo
    id_, key = call.portal.keyring.derive("draft photo", form, digest(data)).hex()[:20], _key(call, form)
    sealed = key.seal(picture.data, f"photo {id_}")

    async def work() -> None:
        mark = form_mark(call, form)
        await call.db.rows("select pg_advisory_xact_lock($1)", int.from_bytes(mark[:7]))
        if await call.db.value("select exists (select from feedback_draft_photo where public_id = $1)", id_):
            return
        if await call.db.value("select count(*) from feedback_draft_photo where form = $1", mark) >= MOST_PHOTOS:
            raise Refused(say("最多 {n} 张照片。", n=MOST_PHOTOS), field="photos")
        if await call.db.value("select count(*) from feedback_draft_photo") >= MOST_DRAFTS:
            raise Refused(say("网站暂时收不下更多照片。文字照常可以提交，照片请过一会儿凭查询码补充。"), field="photos")
        file = StoredFile(
            name=await asyncio.to_thread(call.portal.files.keep, sealed), kind="draft", mime="image/jpeg",
            digest=digest(sealed), size=len(sealed),
            width=picture.width, height=picture.height, created_at=call.now,
        )  # fmt: skip
        await file.save()
        await DraftPhoto(
            public_id=id_, form=mark, file=file.id, thumb=key.seal(picture.thumb, f"thumb {id_}"), created_at=call.now
        ).save()

    await call.db.run_tx(work)


async def photos(call: Call, form: str) -> tuple[Draft, ...]:
    """The photos kept with a form, in the order in which they came."""
    rows = await call.db.rows(
        "select public_id, thumb from feedback_draft_photo where form = $1 order by id", form_mark(call, form)
    )
    key = _key(call, form)
    return tuple(Draft(row["public_id"], key.open(row["thumb"], f"thumb {row['public_id']}")) for row in rows)


async def drop_photo(call: Call, form: str, id_: str) -> None:
    """Take a photo out of a form again."""

    async def work() -> str | None:
        file = await call.db.value(
            "delete from feedback_draft_photo where form = $1 and public_id = $2 returning file", form_mark(call, form), id_
        )
        return await call.db.value("delete from stored_file where id = $1 returning name", file) if file else None

    if name := await call.db.run_tx(work):
        call.portal.files.remove(name)


async def take(call: Call, form: str) -> list[tuple[str, bytes, int]]:
    """Hand over a form's photos as (file name, picture, file id) and forget the draft, in the caller's transaction."""
    rows = await call.db.rows(
        """
        delete from feedback_draft_photo d using stored_file f where d.form = $1 and f.id = d.file
        returning d.id, d.public_id, f.name, f.id as file
        """,
        form_mark(call, form),
    )
    key = _key(call, form)
    found = []
    for row in sorted(rows, key=lambda row: int(row["id"])):
        try:
            picture = key.open(call.portal.files.read(row["name"]), f"photo {row['public_id']}")
        except NotVisible:
            logger.error("a draft photo is gone from the disk; its report is taken in without it")  # noqa: TRY400 - no trace needed
            continue
        found.append((row["name"], picture, row["file"]))
    return found


async def sweep(call: Call) -> int:
    """Remove photos of forms that were never sent; how many."""

    async def work() -> list[str]:
        rows = await call.db.rows("delete from feedback_draft_photo where created_at < $1 returning file", call.now - KEPT_FOR)
        gone = await call.db.rows("delete from stored_file where id = any($1) returning name", [row["file"] for row in rows])
        return [row["name"] for row in gone]

    names = await call.db.run_tx(work)
    for name in names:
        call.portal.files.remove(name)
    return len(names)
