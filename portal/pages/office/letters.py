"""Letters of entrustment (委托书): the lender's office writes down what it published; both sides see what holds until when."""

from litestar import Controller, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from portal.areas import letters
from portal.areas.letters import LetterForm
from portal.areas.queries import UnitRow
from portal.call import Call
from portal.errors import NotVisible
from portal.ledger.queries import history
from portal.pages.office.forms import TOLD, show_form
from portal.scheme.book import Scheme
from portal.scheme.national import WHO_MAY_BE_LENT
from portal.scheme.powers import ANNOUNCED, fields_of
from portal.terms import say
from portal.web import guards
from portal.web.bodies import body_of
from portal.web.forms import SHOWN_AGAIN, PortalForm, SeveralShown, area, attempt, attempt_once, choice, day, text, with_blank
from portal.web.pages import Html, go, page
from portal.web.requests import AnyRequest, GivenCall


class WriteForm(PortalForm):
    """What the letter says."""

    entrusted = choice(say("委托给哪个部门"), say("请选择。"))
    number = text(say("委托书文号"), say("请填写文号。"), most=60)
    powers = SeveralShown(say("委托哪些职权"), validate_choice=True)
    fields = SeveralShown(say("对哪些单位"), validate_choice=True)
    published_on = day(say("公布日期"), say("请填写日期。"), hint=say("没有公布的委托书不能执法。"))
    published_at = text(say("在哪里公布"), say("请填写公布的网址或载体。"), most=300)
    since = day(say("有效期从"), say("请填写日期。"))
    last = day(say("有效期至"), say("请填写日期。"), hint=say("这一天仍有效。委托书必须有期限。"))


class WithdrawForm(PortalForm):
    """From which day on it holds no more, and why."""

    day = day(say("从哪天起不再有效"), say("请填写日期。"))
    reason = area(say("原因"), say("请写明原因。"), most=300, rows=3)


class LetterPages(Controller):
    """Letters at the office."""

    path = "/office/letters"
    guards = [guards.office]

    @get()
    async def index(self, request: AnyRequest, call: GivenCall) -> Html:
        """The letters of the viewer's offices and areas, and who has none."""
        found = await letters.letters(call)
        return page(
            request,
            "office/letters.html",
            found=[(row, call.book.with_id(row.edition)) for row in found],
            notices=await letters.notices(call),
            lenders=await letters.lenders(call),
            own=call.viewer.units,
            on=call.today,
            announced=ANNOUNCED,
            fields_told=letters.fields_told,
            powers_told=letters.powers_told,
        )

    @get("/new")
    async def write(self, request: AnyRequest, call: GivenCall) -> Html:
        """The form for one more."""
        lender, scheme = await self._lender(call, str(request.query_params.get("lender", "")))
        form = WriteForm(published_on=call.today, since=call.today)
        await self._choices(call, form, lender, scheme)
        return self._form(request, form, lender)

    @post("/new", status_code=200, opt=SHOWN_AGAIN)
    async def make(self, request: AnyRequest, call: GivenCall) -> Html | Redirect:
        """Write it down."""
        body = body_of(request)
        lender, scheme = await self._lender(call, body.get("lender"))
        form = WriteForm(body)
        await self._choices(call, form, lender, scheme)

        async def act() -> str:
            data = form.data
            new = LetterForm(
                lender=lender.public_id,
                entrusted=data["entrusted"],
                number=data["number"],
                powers=tuple(data["powers"]),
                fields=tuple(data.get("fields") or ()),
                published_on=data["published_on"],
                published_at=data["published_at"],
                since=data["since"],
                last=data["last"],
            )
            return await letters.lend(call, new)

        if (made := await attempt_once(call, body, form, act, kept=lambda id_: f"{self.path}/{id_}")) is not None:
            return go(f"{self.path}/{made}", "letter_written")
        return self._form(request, form, lender)

    @get("/{id_:str}")
    async def show(self, request: AnyRequest, call: GivenCall, id_: FromPath[str]) -> Html:
        """One letter with what was done to it."""
        row = await letters.letter(call, id_)
        return page(
            request,
            "office/letter.html",
            row=row,
            scheme=call.book.with_id(row.edition),
            own=call.viewer.units,
            on=call.today,
            fields_told=letters.fields_told,
            powers_told=letters.powers_told,
            told=TOLD,
            history=await history(call, "letter", id_),
        )

    @get("/{id_:str}/end")
    async def ask_end(self, request: AnyRequest, call: GivenCall, id_: FromPath[str]) -> Html:
        """Say what it brings, and ask."""
        return await self._end_form(request, call, id_, WithdrawForm(day=call.today))

    @post("/{id_:str}/end", status_code=200, opt=SHOWN_AGAIN)
    async def end(self, request: AnyRequest, call: GivenCall, id_: FromPath[str]) -> Html | Redirect:
        """End it."""
        form = WithdrawForm(body_of(request))

        async def act() -> str:
            await letters.end_letter(call, id_, form.data["day"], form.data["reason"])
            return id_

        if await attempt(call, form, act) is not None:
            return go(f"{self.path}/{id_}", "letter_ended")
        return await self._end_form(request, call, id_, form)

    async def _lender(self, call: Call, id_: str) -> tuple[UnitRow, Scheme]:
        """The office that lends: the one that was asked for, else the viewer's first."""
        found = [one for one in await letters.lenders(call) if id_ in ("", one[0].public_id)]
        if not found:
            raise NotVisible
        return found[0]

    async def _choices(self, call: Call, form: WriteForm, lender: UnitRow, scheme: Scheme) -> None:
        powers = letters.lent_by(scheme, lender.kind)
        offices = await letters.could_be_entrusted(call, lender, scheme)
        form.entrusted.choices = with_blank([(one.public_id, f"{one.name}（{one.place}）") for one in offices], say("请选择"))
        form.powers.choices = [(power.code, power.name) for power in powers]
        pairs = fields_of(scheme, powers)
        form.fields.choices = [
            (":".join(pair), name) for pair, name in zip(pairs, letters.fields_told(scheme, pairs), strict=True)
        ]
        if not pairs:
            del form.fields

    def _form(self, request: AnyRequest, form: PortalForm, lender: UnitRow) -> Html:
        return show_form(
            request,
            form,
            title=say("登记{unit}的委托书", unit=lender.name),
            back=self.path,
            back_name=say("委托书"),
            verb=say("登记委托书"),
            hidden={"lender": lender.public_id},
            intro=say(
                "照已经公布的委托书填写。受委托的部门凭它、以{unit}的名义执法；期满前会提醒双方。{where}：{conditions}",
                unit=lender.name,
                where=WHO_MAY_BE_LENT.at,
                conditions=WHO_MAY_BE_LENT.gist,
            ),
        )

    async def _end_form(self, request: AnyRequest, call: Call, id_: str, form: PortalForm) -> Html:
        row = await letters.letter(call, id_)
        return show_form(
            request,
            form,
            title=say("终止委托书{number}", number=row.letter.number),
            back=f"{self.path}/{id_}",
            back_name=say("委托书"),
            verb=say("登记终止"),
            harm=True,
            intro=say(
                "从那天起，{entrusted}不能再凭这份委托书、以{lender}的名义执法。以前的记录都保留。",
                entrusted=row.letter.entrusted,
                lender=row.letter.lender,
            ),
        )
