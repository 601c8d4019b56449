"""What the pages of every subject of the register have in common: list, show, add, change, end, each with its question
before harm. A subject says what its rows, forms and actions are; the routes stand here once.
"""

import json
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, Protocol

from litestar import Controller, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from portal.call import Call
from portal.ledger.queries import history
from portal.pages.office.forms import TOLD, EndForm, ReopenForm, show_form
from portal.storage.lists import Listed, Wanted
from portal.terms import SUBJECT, Text, say
from portal.web import guards
from portal.web.bodies import Body, body_of
from portal.web.forms import SHOWN_AGAIN, PortalForm, attempt, attempt_once
from portal.web.lists import seen, wanted_of
from portal.web.meeting import as_sent, meet
from portal.web.pages import Html, go, page
from portal.web.requests import AnyRequest, GivenCall

# What came of a change: somebody else saved while it waited for its turn
OVERTAKEN = "overtaken"


class Named(Protocol):
    """What a page needs of any row to speak of it."""

    @property
    def public_id(self) -> str:
        """Where its page is."""
        ...

    @property
    def name(self) -> str:
        """What people call it."""
        ...


class RegisterPages(Controller, ABC):
    """Base of the register's pages. ``kind`` is the subject's code; its templates are ``<kind>s.html``, ``_<kind>s.html``
    and ``<kind>.html``.
    """

    guards = [guards.office]
    opt = {"most_body": 12 * 1024 * 1024}
    kind: str
    filters: tuple[str, ...] = ("in",)
    harm: Text
    end_title, end_verb = say("停用{name}"), say("确认停用")

    @abstractmethod
    async def find(self, call: Call, wanted: Wanted) -> Listed[Any]:
        """One page of the list."""

    @abstractmethod
    async def one(self, call: Call, id_: str) -> Any:
        """One row by public id."""

    async def about(self, call: Call, row: Any) -> dict[str, Any]:
        """What its page shows beside the row itself."""
        return {}

    async def beside(self, call: Call, rows: Sequence[Any]) -> dict[str, Any]:
        """What the list shows beside its rows."""
        return {}

    async def choose(self, request: AnyRequest, call: Call) -> Html | None:
        """A page to choose where something new belongs, or None where the address says it already."""
        return None

    @abstractmethod
    async def adding(self, call: Call, asked: Body) -> tuple[PortalForm, Text, dict[str, str]]:
        """The form for a new one, its title, and what it carries along."""

    @abstractmethod
    async def add(self, call: Call, form: Any, body: Body) -> str:
        """Make it; its public id."""

    @abstractmethod
    async def changing(self, call: Call, row: Any, body: Body | None) -> PortalForm:
        """The form to change it, filled from the row or from what was sent."""

    @abstractmethod
    async def change(self, call: Call, row: Any, form: Any, body: Body) -> None:
        """Change it."""

    @abstractmethod
    async def end(self, call: Call, id_: str, form: EndForm) -> None:
        """End it from a day on."""

    async def keep_files(self, call: Call, body: Body) -> dict[str, str]:
        """Keep the files that came with a form that is shown again; what it carries along for that."""
        return {}

    @property
    def called(self) -> Text:
        """The subject in words."""
        return SUBJECT[self.kind]

    @get()
    async def show_list(self, request: AnyRequest, call: GivenCall) -> Html:
        """The list."""
        found = await self.find(call, wanted_of(request, *self.filters))
        kind = self.kind
        more = await self.beside(call, found.rows)
        return page(request, f"office/{kind}s.html", part=f"office/_{kind}s.html", list=found, **more)

    @get("/{id_:str}")
    async def show_one(self, request: AnyRequest, call: GivenCall, id_: FromPath[str]) -> Html:
        """One of them, with its history."""
        row = await self.one(call, id_)
        past = await history(call, self.kind, id_)
        return page(request, f"office/{self.kind}.html", row=row, history=past, told=TOLD, **await self.about(call, row))

    @get("/new")
    async def ask_new(self, request: AnyRequest, call: GivenCall) -> Html:
        """The form for a new one, after it is known where it belongs."""
        if (choice := await self.choose(request, call)) is not None:
            return choice
        asked = Body({name: [str(value)] for name, value in request.query_params.items()})
        form, title, hidden = await self.adding(call, asked)
        return self._form(request, form, title=title, hidden=hidden, verb=say("确认新增"))

    @post("/new", status_code=200, opt=SHOWN_AGAIN)
    async def make_new(self, request: AnyRequest, call: GivenCall) -> Html | Redirect:
        """Make it."""
        body = body_of(request)
        form, title, hidden = await self.adding(call, body)
        made = await attempt_once(call, body, form, lambda: self.add(call, form, body), kept=lambda id_: f"{self.path}/{id_}")
        if made is not None:
            return go(f"{self.path}/{made}", f"{self.kind}_created")
        hidden = {**hidden, **await self.keep_files(call, body)}
        return self._form(request, form, title=title, hidden=hidden, verb=say("确认新增"))

    @get("/{id_:str}/change")
    async def ask_change(self, request: AnyRequest, call: GivenCall, id_: FromPath[str]) -> Html:
        """The form to change it."""
        row = await self.one(call, id_)
        form = await self.changing(call, row, None)
        return self._change_form(request, row, form, opened=form)

    @post("/{id_:str}/change", status_code=200, opt=SHOWN_AGAIN)
    async def make_change(self, request: AnyRequest, call: GivenCall, id_: FromPath[str]) -> Html | Redirect:
        """Change it. Where somebody else did so since the form was opened, both are brought together and shown first."""
        row, body = await self.one(call, id_), body_of(request)
        if body.get("seen") == seen(row):
            form = await self.changing(call, row, body)

            async def act() -> str:
                # Also an import may have had it in hand
                now = await self.one(call, id_)
                if body.get("seen") != seen(now):
                    return OVERTAKEN
                await self.change(call, now, form, body)
                return ""

            done = await attempt(call, form, lambda: call.holding(self.kind, id_, act))
            if done is None:
                opened = await self.changing(call, row, None)
                return self._change_form(request, row, form, opened=opened, kept=await self.keep_files(call, body))
            if done != OVERTAKEN:
                return go(f"{self.path}/{id_}", f"{self.kind}_changed")
            row = await self.one(call, id_)
        fresh = await self.changing(call, row, None)
        met = meet(fresh, body, opened=body.get("opened"))
        form = await self.changing(call, row, met.body)
        form.general.append(say("这条记录刚刚被其他人改过，还没有保存。您没有改动的各栏已换成最新内容，请核对后再保存。"))
        form.general.extend(met.told)
        return self._change_form(request, row, form, opened=fresh, kept=await self.keep_files(call, body))

    @get("/{id_:str}/end")
    async def ask_end(self, request: AnyRequest, call: GivenCall, id_: FromPath[str]) -> Html:
        """Say what ending it brings, and ask."""
        return self._end_form(request, await self.one(call, id_), EndForm(day=call.today))

    @post("/{id_:str}/end", status_code=200, opt=SHOWN_AGAIN)
    async def make_end(self, request: AnyRequest, call: GivenCall, id_: FromPath[str]) -> Html | Redirect:
        """End it."""
        row, form = await self.one(call, id_), EndForm(body_of(request))
        if await attempt(call, form, lambda: self.end(call, id_, form)) is not None:
            return go(f"{self.path}/{id_}", f"{self.kind}_ended")
        return self._end_form(request, row, form)

    def _form(self, request: AnyRequest, form: PortalForm, *, title: Text, hidden: dict[str, str], verb: Text) -> Html:
        return show_form(request, form, title=title, back=self.path, back_name=self.called, verb=verb, hidden=hidden)

    def _change_form(
        self, request: AnyRequest, row: Named, form: PortalForm, *, opened: PortalForm, kept: dict[str, str] | None = None
    ) -> Html:
        """``opened``: the form as it stands in the register, to tell later what somebody touched."""
        title = say("修改{name}", name=row.name)
        back = f"{self.path}/{row.public_id}"
        hidden = {"seen": seen(row), "opened": json.dumps(as_sent(opened), ensure_ascii=False), **(kept or {})}
        return show_form(request, form, title=title, back=back, back_name=row.name, verb=say("保存修改"), hidden=hidden)

    def _end_form(self, request: AnyRequest, row: Named, form: EndForm) -> Html:
        title = say(self.end_title.msgid, name=row.name)
        back = f"{self.path}/{row.public_id}"
        return show_form(
            request, form, title=title, back=back, back_name=row.name, verb=self.end_verb, intro=self.harm, harm=True
        )


class ReopenPages(RegisterPages):
    """The pages of a subject that may go on after it ended, under the code that it always had."""

    again: Text

    @abstractmethod
    async def reopen(self, call: Call, id_: str, form: ReopenForm) -> None:
        """Let it go on from a day."""

    @get("/{id_:str}/reopen")
    async def ask_reopen(self, request: AnyRequest, call: GivenCall, id_: FromPath[str]) -> Html:
        """Say what it brings, and ask."""
        return self._reopen_form(request, await self.one(call, id_), ReopenForm(day=call.today))

    @post("/{id_:str}/reopen", status_code=200, opt=SHOWN_AGAIN)
    async def make_reopen(self, request: AnyRequest, call: GivenCall, id_: FromPath[str]) -> Html | Redirect:
        """Let it go on."""
        row, form = await self.one(call, id_), ReopenForm(body_of(request))
        if await attempt(call, form, lambda: self.reopen(call, id_, form)) is not None:
            return go(f"{self.path}/{id_}", f"{self.kind}_reopened")
        return self._reopen_form(request, row, form)

    def _reopen_form(self, request: AnyRequest, row: Named, form: ReopenForm) -> Html:
        title = say("重新启用{name}", name=row.name)
        back = f"{self.path}/{row.public_id}"
        return show_form(request, form, title=title, back=back, back_name=row.name, verb=say("重新启用"), intro=self.again)
