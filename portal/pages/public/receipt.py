"""Following a case by its receipt. The number travels in the form's body, never in an address."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from litestar import Controller, get, post
from litestar.response import Redirect

from portal.call import Call
from portal.complaints import actions as complaints
from portal.complaints.queries import Progress, again, by_receipt, place_of
from portal.errors import NotVisible, Refused
from portal.feedback import drafts, receipts
from portal.feedback.actions import LONGEST_TEXT, add
from portal.feedback.drafts import Sender, is_form_id
from portal.feedback.queries import CaseView
from portal.pages.public.feedback import grave_field
from portal.pages.public.photos import MOST_BODY, form_id_of, note_cookies, pictures, take_photos
from portal.scheme.words import Kind
from portal.storage.columns import public_id
from portal.terms import say
from portal.web.bodies import COOKIELESS, Body, body_of
from portal.web.forms import PortalForm, area, text
from portal.web.pages import Html, form_cookies, go, late, page
from portal.web.requests import AnyRequest, GivenCall, address_of, web_of
from portal.web.sessions import cookie, cookies, opened_cookie


class ReceiptForm(PortalForm):
    """The number."""

    receipt = text(
        say("查询码"),
        say("请输入 16 位查询码。"),
        most=30,
        hint=say("提交后得到的 16 位数字，中间的空格可以不输。"),
        inputmode="numeric",
        autocomplete="off",
    )


class AdditionForm(PortalForm):
    """Something more; of a report that did not say so yet, that somebody came to harm."""

    text = area(say("补充说明"), say("请写明要补充的内容。"), most=LONGEST_TEXT, rows=4)
    grave = grave_field()


class ReceiptPages(Controller):
    """State and answers by receipt, and adding to the case.

    What a receipt has opened lies sealed under the id of the form for adding, which stands in a cookie, for half an hour.
    """

    path = "/receipt"
    opt = {"shown_again": True}

    @get()
    async def ask(self, request: AnyRequest) -> Html:
        """Ask for the number."""
        return _asked(request, ReceiptForm())

    @post(status_code=200)
    async def show(self, request: AnyRequest, call: GivenCall) -> Html | Redirect:
        """The case behind the number; wrong and unknown ones are answered alike."""
        body = body_of(request)
        note_cookies(request, body)
        form = ReceiptForm(body)
        if body.trouble:
            form.general.append(body.trouble)
            return _asked(request, form, cookieless=bool(body.get(COOKIELESS)), status=403)
        receipt = receipts.read(form.receipt.data or "") if form.validate() else None
        found = refusal = None
        try:
            found = await _behind(request, call, receipt) if receipt else None
        except Refused as error:
            form.refuse(refusal := error)
        if found is None or receipt is None:
            if not form.problems:
                form.receipt.errors = [say("没有找到这个查询码。请对照截图或抄写的数字再输一遍。")]
            return await late(request, _asked(request, form, cookieless=bool(body.get(COOKIELESS)), status=422), refusal)
        return await _show(request, call, body, Followed(receipt, found, public_id()))

    @get("/case")
    async def case(self, request: AnyRequest, call: GivenCall) -> Html | Redirect:
        """What this browser's receipt has opened, as it is now, with what is being added to it."""
        id_ = cookies(request.scope).get(opened_cookie(web_of(request)), "")
        kept = await drafts.answers(call, id_) if is_form_id(id_) else None
        found = await again(call, *kept["place"]) if kept and "place" in kept else None
        if kept is None or found is None:
            return go("/receipt")
        followed = Followed(
            kept["receipt"],
            found,
            id_,
            text=kept["text"],
            problems=kept["problems"],
            since=kept["since"],
            added=kept["added"],
            grave=kept.get("grave", False),
            checking=kept.get("checking", False),
        )
        return await _page(request, call, followed)

    @post("/add", status_code=200, opt={"most_body": MOST_BODY, "photos_wait": True}, request_max_body_size=None)
    async def add(self, request: AnyRequest, call: GivenCall) -> Html | Redirect:
        """Add words and photos to the case."""
        body = body_of(request)
        note_cookies(request, body)
        receipt = receipts.read(body.get("receipt"))
        if receipt is None:
            raise NotVisible
        if body.foreign:
            body.fields["form"] = [public_id()]
        form_id, form, sender = form_id_of(body), AdditionForm(body), Sender(address_of(request))
        who, adding = sender.key(call), call.portal.adding
        busy: Refused | None = None
        # Without a hand: the line of receipts is long while others guess, and nobody else's words wait for that
        try:
            found = await _behind(request, call, receipt)
        except Refused as error:
            # Others in this network guess: words and photos wait on the page, which says nothing of what they belong to
            found, busy = None, error
            form.refuse(error)
        if found is None and busy is None:
            raise NotVisible
        if found is not None:
            sender = replace(sender, case=receipt)
        taken = await take_photos(call, form_id, body, sender)
        if found is None:
            form.general += taken.refused
            again_ = page(
                request,
                "public/add_again.html",
                form=form,
                receipt=receipt,
                form_id=form_id,
                grave=bool(form.grave.data),
                later=drafts.later(taken.since) if taken.since else "",
                cookieless=bool(body.get(COOKIELESS)),
                status=422,
            )
            return await late(request, again_, busy)
        grave = bool(form.grave.data) and may_become_grave(found)
        followed = Followed(receipt, found, form_id, text=body.get("text"), since=taken.since, grave=grave)
        if body.trouble or body.get("go") == "tell":
            return await _show(request, call, body, replace(followed, problems=[("", body.trouble)] if body.trouble else ()))
        async with adding.lend(who):
            # Photos alone are enough: those that had to wait when the words came
            alone = not body.get("text").strip() and bool(await drafts.photos(call, form_id))
            if (alone or form.validate()) and not taken.refused:
                if grave and body.get("go") != "send":
                    return await _show(request, call, body, replace(followed, checking=True))
                try:
                    await _write(call, followed)
                except Refused as error:
                    form.refuse(error)
            form.general += taken.refused
        if form.problems:
            return await _show(request, call, body, replace(followed, problems=form.problems))
        await drafts.close(call, form_id)
        found = await again(call, *place_of(found)) or found
        return await _show(request, call, body, Followed(receipt, found, public_id(), since=taken.since, added=True))


@dataclass(frozen=True)
class Followed:
    """A case as its reporter follows it: what is being added under which form's id, and what is wrong with that. ``grave``: it
    says that somebody came to harm, which is looked over (``checking``) before it is sent.
    """

    receipt: str
    found: CaseView | Progress
    form_id: str
    text: str = ""
    problems: Sequence[tuple[str, str]] = ()
    since: str = ""
    added: bool = False
    grave: bool = False
    checking: bool = False


def may_become_grave(found: CaseView | Progress) -> bool:
    """Whether its reporter may still say that somebody came to harm: of a report that did not say so and is open."""
    return isinstance(found, CaseView) and found.kind == Kind.REPORT.value and found.open and not found.grave


async def _behind(request: AnyRequest, call: Call, receipt: str) -> CaseView | Progress | None:
    return await by_receipt(call, receipt, address=address_of(request))


async def _write(call: Call, followed: Followed) -> None:
    """Add it to the complaint or the case."""
    if isinstance(followed.found, Progress):
        await complaints.add(call, followed.found, followed.text, followed.form_id)
    else:
        await add(call, followed.found, followed.text, followed.form_id, grave=followed.grave)


def _asked(request: AnyRequest, form: ReceiptForm, *, cookieless: bool = False, status: int = 200) -> Html:
    return page(request, "public/receipt.html", form=form, cookieless=cookieless, status=status)


async def _show(request: AnyRequest, call: Call, body: Body, followed: Followed) -> Html | Redirect:
    """Have the browser open the case at its own address; where it keeps no cookies, answer with it."""
    kept = {
        "receipt": followed.receipt,
        "place": place_of(followed.found),
        "text": followed.text,
        "problems": followed.problems,
        "since": followed.since,
        "added": followed.added,
        "grave": followed.grave,
        "checking": followed.checking,
    }
    if body.get(COOKIELESS) or not await drafts.keep_answers(call, followed.form_id, kept):
        return await _page(
            request, call, followed, cookieless=bool(body.get(COOKIELESS)), status=422 if followed.problems else 200
        )
    web = web_of(request)
    return go("/receipt/case", cookies=[cookie(web, opened_cookie(web), followed.form_id), *form_cookies(request)])


async def _page(request: AnyRequest, call: Call, followed: Followed, *, cookieless: bool = False, status: int = 200) -> Html:
    form = AdditionForm(Body({"text": [followed.text]} | ({"grave": ["y"]} if followed.grave else {})))
    checking = followed.checking and followed.grave and may_become_grave(followed.found)
    if not may_become_grave(followed.found):
        del form.grave
    form.show(followed.problems)
    template = "public/complaint.html" if isinstance(followed.found, Progress) else "public/case.html"
    template = "public/add_check.html" if checking else template
    return page(
        request,
        template,
        case=followed.found,
        receipt=followed.receipt,
        form=form,
        form_id=followed.form_id,
        photos=await pictures(call, followed.form_id),
        later=drafts.later(followed.since) if followed.since else "",
        added=followed.added,
        cookieless=cookieless,
        status=status,
    )
