"""Photos that come with a public form: kept one by one, so that a bad one costs none of the others."""

import re

from portal.call import Call
from portal.errors import NotVisible, Refused
from portal.feedback import drafts
from portal.terms import say
from portal.web.bodies import MEGABYTE, Body

MOST_BODY = drafts.MOST_PHOTOS * drafts.MOST_BYTES + 4 * MEGABYTE


def form_id_of(body: Body) -> str:
    """The id that the visitor's browser holds for this form; a form without one was not ours."""
    form_id = body.get("form")
    if not re.fullmatch(r"[0-9a-z]{20}", form_id):
        raise NotVisible
    return form_id


async def take_photos(call: Call, form_id: str, body: Body) -> list[str]:
    """Keep the photos of a step; the reasons why some were not kept, to be shown over the form."""
    refused: list[str] = []
    for upload in body.files("photos"):
        try:
            await drafts.keep_photo(call, form_id, upload.read())
        except Refused as error:
            refused.append(say("“{name}”没有收下：{why}", name=upload.name[-40:], why=error.text))
    return refused
