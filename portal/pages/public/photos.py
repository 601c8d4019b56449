"""Public forms: their ids, whether their browser keeps cookies, and their photos, of which a bad one costs none of the others."""

import base64
import re
from dataclasses import dataclass

from portal.call import Call
from portal.errors import NotVisible, Refused
from portal.feedback import drafts
from portal.feedback.drafts import PhotosLater, Sender
from portal.terms import say
from portal.web.bodies import COOKIELESS, MEGABYTE, Body
from portal.web.requests import AnyRequest, web_of
from portal.web.sessions import cookies, form_cookie, session_cookie, unsent_cookie

MOST_BODY = drafts.MOST_PHOTOS * drafts.MOST_BYTES + 4 * MEGABYTE


def form_id_of(body: Body) -> str:
    """The id that the visitor's browser holds for this form; a form without one was not ours."""
    form_id = body.get("form")
    if not drafts.is_form_id(form_id):
        raise NotVisible
    return form_id


def keeps_cookies(request: AnyRequest) -> bool:
    """Whether this browser brought a cookie of ours; the first time it has none."""
    web, brought = web_of(request), cookies(request.scope)
    return any(brought.get(name(web)) for name in (form_cookie, unsent_cookie, session_cookie))


def note_cookies(request: AnyRequest, body: Body) -> None:
    """Note in a form whether its browser keeps cookies as it is now: it may have stopped midway, or have lost them only once."""
    without = bool(body.get(COOKIELESS) or body.trouble) and not keeps_cookies(request)
    body.fields[COOKIELESS] = ["yes"] if without else []


async def pictures(call: Call, form_id: str) -> list[tuple[str, str]]:
    """The photos that are kept with a form, as its page shows them."""
    kept = await drafts.photos(call, form_id)
    return [(photo.id, "data:image/jpeg;base64," + base64.b64encode(photo.thumb).decode()) for photo in kept]


@dataclass(frozen=True)
class Taken:
    """What came of the photos of a step: why some were not kept, and from when those that are too much now can be added."""

    refused: list[str]
    since: str = ""


async def take_photos(call: Call, form_id: str, body: Body, sender: Sender) -> Taken:
    """Keep the photos of a step. Where they are too many for now they come later, and what was written goes on without them."""
    refused = list[str]()
    if body.left_out:
        return Taken(refused, drafts.next_hour(call.now))
    if not body.files("photos"):
        return Taken(refused)
    async with drafts.turn(call, sender):
        for upload in body.files("photos"):
            try:
                await drafts.keep_photo(call, form_id, upload.read(), sender)
            except PhotosLater as error:
                return Taken(refused, error.since)
            except Refused as error:
                refused.append(say("“{name}”上传失败：{why}", name=upload.name[-40:], why=error.text))
    return Taken(refused)


def since_of(body: Body) -> str:
    """From when photos can be added that were too much at an earlier step: the form carries it, and nothing else."""
    said = body.get("since")
    return said if said == drafts.FULL or re.fullmatch(r"[0-2]\d:00", said) else ""
