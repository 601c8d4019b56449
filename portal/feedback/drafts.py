"""A form that is still being filled in: its answers and photos, kept so that neither a mistake nor a back key loses any of them.

They are sealed with a key that only the form's id gives; the id is known to the reporter's browser and to nobody else.
Whatever nobody has touched for half an hour is swept away.

What the photos of an hour may take is counted in bytes, by network, board and case, under keys that say nothing when the hour is
over and stand beside no case. Where it is too much, photos come later; what was written is taken in at once, always.
"""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import inf
from typing import Any

from portal.access.rules import network
from portal.budgets.throttle import Budget, Cost, give_back, spend
from portal.call import Call
from portal.clock import SHANGHAI
from portal.errors import NotVisible, Refused
from portal.feedback.rules import Pots, PotSpent, has_room, of_the_disk
from portal.feedback.tables import DraftPhoto
from portal.storage import unsent
from portal.storage.files import digest
from portal.storage.locks import Lock
from portal.storage.seals import Key
from portal.storage.tables import StoredFile
from portal.terms import Text, say
from portal.workshop.images import Picture, reencode
from portal.workshop.pool import Unfinished

logger = logging.getLogger("portal")
MOST_PHOTOS = 6
# What a telephone of today makes
MOST_BYTES = 20 * 1024 * 1024
PIXELS = 1600
IDLE_MINUTES = 30
IDLE = timedelta(minutes=IDLE_MINUTES)
TOLD_MINUTES = 10
TOLD_FOR = timedelta(minutes=TOLD_MINUTES)
# Photos of a form whose answers are not kept, because they are too long for that
KEPT_FOR = timedelta(hours=24)
# What even the smallest picture costs: rows, a thumbnail, the blocks of a file
LEAST = 16 * 1024
# Adding to a case waits for those who make one, where both had as much
ADDING_WAITS = 1.0
FULL = "full"


@dataclass(frozen=True)
class Draft:
    """A photo of an unsent form: its id, and a small picture to show."""

    id: str
    thumb: bytes


@dataclass(frozen=True)
class Sender:
    """Where photos come from, as far as counting goes: an address, the board whose door is used, or the case that is added to."""

    address: str = ""
    board: str = ""
    case: str = ""

    def key(self, call: Call) -> str:
        """A key of the sender's network, for turns: nothing is told by it."""
        return call.portal.keyring.derive("hands", network(self.address)).hex()


class PhotosLater(Refused):
    """A photo is not taken in now; ``since`` is from when it can be: a time of the day, or :data:`FULL` where nobody knows."""

    def __init__(self, since: str) -> None:
        super().__init__(later(since), field="photos")
        self.since = since


def later(since: str) -> Text:
    """What somebody is told whose photos come later."""
    if since == FULL:
        return say(
            "网站存放照片的空间快满了，照片暂时不能上传，不是您的问题。文字照常可以提交；照片请先留着，过几天凭查询码再补。"
        )
    return say(
        "现在上传照片的人太多，这几张没有上传成功，不是您的问题。文字照常可以提交；{time} 以后，凭查询码可以再补照片。",
        time=since,
    )


NOBODY, POTS = Sender(), Pots()
COUNTED = Budget("photos", free=inf)


async def _count(call: Call, sender: Sender, size: int, pots: Pots) -> list[Cost]:
    """Count so many bytes for a sender; what was counted. :class:`PhotosLater` where it is too much for this hour: then nothing
    is.
    """
    spare, net = call.portal.files.spare(), network(sender.address)
    if not spare:
        raise PhotosLater(FULL)
    door = "adding" if sender.case else "making"
    # A case is one person's, from whatever network; a board is many networks'
    place = ("case", sender.case) if sender.case else ("board", sender.board)
    who = [(door,), (door, net), place, (*place, net)]
    costs = [COUNTED.cost(call, *one, amount=size) for one in who]
    every, ours, all_here, ours_here = await spend(call, *costs)
    here = all_here <= pots.case if sender.case else has_room(PotSpent(pots.board, all_here, ours_here))
    if not here or not has_room(PotSpent(of_the_disk(pots.portal, spare), every, ours)):
        await give_back(call, *costs)
        raise PhotosLater(next_hour(call.now))
    return costs


def next_hour(now: datetime) -> str:
    """From when on there is room for photos again."""
    return f"{now.astimezone(SHANGHAI) + timedelta(hours=1):%H}:00"


def is_form_id(text: str) -> bool:
    """Whether a text has the form of a form's id."""
    return bool(re.fullmatch(r"[0-9a-z]{20}", text))


def form_mark(call: Call, form: str) -> bytes:
    """What is stored of a form's id: enough to know it again, not enough to open what was sealed with it."""
    return call.portal.keyring.derive("form", form)


async def keep_answers(call: Call, form: str, answers: Mapping[str, Any], *, late: bool = False) -> bool:
    """Keep what is typed in a form for half an hour more. False where it is too long, or the disk too full for that. What comes
    ``late``, from a page that is being left, changes nothing in a form that was sent or given up meanwhile.
    """
    if not call.portal.files.spare():
        return False
    return await unsent.keep(call.db, form_mark(call, form), _key(call, form), answers, call.now + IDLE, late=late)


async def answers(call: Call, form: str) -> dict[str, Any] | None:
    """What is typed in a form; None where nothing is, or nobody touched it for half an hour."""
    return await unsent.kept_answers(call.db, form_mark(call, form), _key(call, form), call.now)


async def is_over(call: Call, form: str) -> bool:
    """Whether a form was sent or given up."""
    return await unsent.is_over(call.db, form_mark(call, form))


async def close(call: Call, form: str, told: Mapping[str, Any] | None = None) -> None:
    """Forget a form that was sent, or given up, with its photos; what its last page has to tell is all that is kept, and not for
    long.
    """
    until = call.now + (IDLE if told is None else TOLD_FOR)
    await unsent.keep(call.db, form_mark(call, form), _key(call, form), told or {}, until, over=True)
    await _drop(call, [form_mark(call, form)])


def _key(call: Call, form: str) -> Key:
    return Key(call.portal.keyring.derive("draft", form))


def turn(call: Call, sender: Sender) -> AbstractAsyncContextManager[None]:
    """A sender's turn with the photos of one step: all of them in one, or whoever waited with the first would wait again with the
    second, behind a whole crowd of which everybody had a little less.
    """
    return call.portal.photos.lend(sender.key(call), later=ADDING_WAITS if sender.case else 0)


async def keep_photo(call: Call, form: str, data: bytes, sender: Sender = NOBODY, pots: Pots = POTS) -> None:
    """Write an uploaded photo anew and keep it with its form. :class:`Refused` where it is none, too large, or one too many;
    :class:`PhotosLater` where too many came from there in this hour, or the disk is nearly full.
    """
    if len(data) > MOST_BYTES:
        raise Refused(say("照片超过 {n} MB，请选小一些的。", n=MOST_BYTES // 1024 // 1024), field="photos")
    # Whoever is over budget costs no work
    costs = await _count(call, sender, LEAST, pots)
    try:
        picture = await call.portal.workshop.do_for_strangers(reencode, data, PIXELS)
        costs += await _count(call, sender, max(0, len(picture.data) + len(picture.thumb) - LEAST), pots)
        new = await _keep(call, form, digest(data), picture)
    except BaseException as error:
        await give_back(call, *costs)
        if isinstance(error, Unfinished):
            # A picture of this size takes a second or two, unless we have too much to do: that is no fault of theirs
            raise PhotosLater(next_hour(call.now)) from error
        if isinstance(error, Refused) and error.field is None:
            raise Refused(error.text, field="photos") from error
        raise
    if not new:
        await give_back(call, *costs)


async def keep_picture(call: Call, form: str, data: bytes) -> None:
    """Keep the picture that somebody signed in chose, in place of an earlier one. :class:`Refused` where it is none."""
    new = await call.portal.workshop.do(reencode, data, PIXELS)
    await _drop(call, [form_mark(call, form)])
    await _keep(call, form, digest(data), new)
    await keep_answers(call, form, {"picture": True})


async def picture(call: Call, form: str) -> bytes | None:
    """The picture that was kept with a form last."""
    row = await call.db.row(
        "select d.public_id, f.name from feedback_draft_photo d join stored_file f on f.id = d.file where d.form = $1 "
        "order by d.id desc limit 1",
        form_mark(call, form),
    )
    return _key(call, form).open(call.portal.files.read(row["name"]), f"photo {row['public_id']}") if row is not None else None


async def _keep(call: Call, form: str, mark_of_data: str, picture: Picture) -> bool:
    """Keep a picture with its form, sealed; False where it is there already."""
    # The same photo sent again (a page loaded anew) is the same photo
    id_, key = call.portal.keyring.derive("draft photo", form, mark_of_data).hex()[:20], _key(call, form)
    sealed = key.seal(picture.data, f"photo {id_}")
    hour = call.now.replace(minute=0, second=0, microsecond=0)

    async def work() -> bool:
        mark = form_mark(call, form)
        await call.db.hold(Lock.FORM, mark.hex())
        if await call.db.value("select exists (select from feedback_draft_photo where public_id = $1)", id_):
            return False
        if await call.db.value("select count(*) from feedback_draft_photo where form = $1", mark) >= MOST_PHOTOS:
            raise Refused(say("最多 {n} 张照片。", n=MOST_PHOTOS), field="photos")
        file = StoredFile(
            name=await asyncio.to_thread(call.portal.files.keep, sealed),
            kind="draft",
            mime="image/jpeg",
            digest=digest(sealed),
            size=len(sealed),
            width=picture.width,
            height=picture.height,
            created_at=hour,
        )
        await file.save()
        await DraftPhoto(
            public_id=id_, form=mark, file=file.id, thumb=key.seal(picture.thumb, f"thumb {id_}"), created_at=hour
        ).save()
        return True

    return await call.db.run_tx(work)


async def photos(call: Call, form: str) -> tuple[Draft, ...]:
    """The photos kept with a form, in the order in which they came."""
    rows = await call.db.rows(
        "select public_id, thumb from feedback_draft_photo where form = $1 order by id", form_mark(call, form)
    )
    key = _key(call, form)
    return tuple(Draft(row["public_id"], key.open(row["thumb"], f"thumb {row['public_id']}")) for row in rows)


async def mark_of_new(call: Call, form: str, text: str, sent_before: Callable[[Call, str], Awaitable[bool]]) -> str | None:
    """Under what an addition is written: the form's id with what it says, so that a second click is the same one, and something
    else from a second window is not. None where it is the same again.
    """
    mark = f"{form} {digest(text.encode())}"
    if not await sent_before(call, mark):
        return mark
    more = [photo.id for photo in await photos(call, form)]
    return f"{mark} {' '.join(more)}" if more else None


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
            logger.error("a draft photo is gone from the disk; its report is taken in without it")
            continue
        found.append((row["name"], picture, row["file"]))
    return found


async def sweep(call: Call) -> None:
    """Forget forms that nobody has touched for half an hour, with their photos."""
    await _drop(call, await unsent.sweep(call.db, call.now))


async def _drop(call: Call, marks: Sequence[bytes]) -> None:
    """Remove the photos of these forms, and those that belong to none since a day."""

    async def work() -> list[str]:
        rows = await call.db.rows(
            "delete from feedback_draft_photo where form = any($1) or created_at < $2 returning file", marks, call.now - KEPT_FOR
        )
        if not rows:
            return []
        gone = await call.db.rows("delete from stored_file where id = any($1) returning name", [row["file"] for row in rows])
        return [row["name"] for row in gone]

    for name in await call.db.run_tx(work):
        call.portal.files.remove(name)
