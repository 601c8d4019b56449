"""Following a case by its receipt. The number travels in the form's body, never in an address."""

from contextlib import suppress
from dataclasses import replace

from litestar import Controller, get, post

from portal.call import Call
from portal.complaints import actions as complaints
from portal.complaints.queries import Progress, by_receipt
from portal.errors import NotVisible, Refused
from portal.feedback import drafts, receipts
from portal.feedback.actions import LONGEST_TEXT, add
from portal.feedback.drafts import Sender
from portal.feedback.queries import CaseView
from portal.pages.public.photos import MOST_BODY, form_id_of, take_photos
from portal.storage.columns import public_id
from portal.terms import say
from portal.web.bodies import body_of
from portal.web.forms import PortalForm, area, text
from portal.web.pages import Html, late, page
from portal.web.requests import AnyRequest, GivenCall, address_of


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


class AddForm(PortalForm):
    """Something more."""

    text = area(say("补充说明"), say("请写明要补充的内容。"), most=LONGEST_TEXT, rows=4)


class ReceiptPages(Controller):
    """State and answers by receipt, and adding to the case."""

    path = "/receipt"

    @get()
    async def ask(self, request: AnyRequest) -> Html:
        """Ask for the number."""
        return page(request, "public/receipt.html", form=ReceiptForm())

    @post(status_code=200)
    async def show(self, request: AnyRequest, call: GivenCall) -> Html:
        """The case behind the number; wrong and unknown ones are answered alike."""
        form = ReceiptForm(body_of(request))
        receipt = receipts.read(form.receipt.data or "") if form.validate() else None
        found = refusal = None
        try:
            found = await _behind(request, call, receipt) if receipt else None
        except Refused as error:
            form.refuse(refusal := error)
        if found is None or receipt is None:
            if not form.problems:
                form.receipt.errors = [say("没有找到这个查询码。请对照截图或抄写的数字再输一遍。")]
            return await late(request, page(request, "public/receipt.html", form=form, status=422), refusal)
        return _progress(request, found, receipt, AddForm(), public_id())

    @post("/add", status_code=200, opt={"most_body": MOST_BODY, "photos_wait": True})
    async def add(self, request: AnyRequest, call: GivenCall) -> Html:
        """Add words and photos to the case."""
        body = body_of(request)
        receipt = receipts.read(body.get("receipt"))
        if receipt is None:
            raise NotVisible
        form_id, form, sender = form_id_of(body), AddForm(body), Sender(address_of(request))
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
        later = drafts.later(taken.since) if taken.since else ""
        if found is None:
            form.general += taken.refused
            again = page(request, "public/add_again.html", form=form, receipt=receipt, form_id=form_id, later=later, status=422)
            return await late(request, again, busy)
        async with adding.lend(who):
            # Photos alone are enough: those that had to wait when the words came
            alone = not body.get("text").strip() and bool(await drafts.photos(call, form_id))
            if (alone or form.validate()) and not taken.refused:
                try:
                    if isinstance(found, Progress):
                        await complaints.add(call, found, body.get("text"), form_id)
                    else:
                        await add(call, found, body.get("text"), form_id)
                except Refused as error:
                    form.refuse(error)
            form.general += taken.refused
        if form.problems:
            return _progress(request, found, receipt, form, form_id, later=later, status=422)
        # Where others in this network guess just now, it is added all the same, and shows when it is asked for again
        with suppress(Refused):
            found = await _behind(request, call, receipt) or found
        return _progress(request, found, receipt, AddForm(), public_id(), later=later, added=True)


async def _behind(request: AnyRequest, call: Call, receipt: str) -> CaseView | Progress | None:
    return await by_receipt(call, receipt, address=address_of(request))


def _progress(
    request: AnyRequest, found: CaseView | Progress, receipt: str, form: AddForm, form_id: str, *, status: int = 200,
    later: str = "", added: bool = False,
) -> Html:  # fmt: skip
    template = "public/complaint.html" if isinstance(found, Progress) else "public/case.html"
    return page(
        request, template, case=found, receipt=receipt, form=form, form_id=form_id, later=later, added=added, status=status
    )
