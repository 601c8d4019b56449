"""Forms: WTForms reads and shows, all errors at once, what was typed kept; a frozen dataclass goes on to the action."""

import json
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import date
from hashlib import sha256
from typing import Any

from wtforms import DateField, Field, Form, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional, StopValidation, ValidationError

from portal import codes
from portal.call import Call
from portal.clock import AHEAD, FAR, plausible
from portal.errors import Refused
from portal.storage.once import SentBefore, once
from portal.terms import Text, say
from portal.web.bodies import TOKEN_FIELD, Body

# The field of a form's random id
ONCE = "once"
# Of a route that shows its form again with what came, where that could not be taken: whatever its form says is not valid then
SHOWN_AGAIN = {"shown_again": True}
OTHER_WORDS = say(
    "这张表单已经提交过，保存的是那时填的内容；后来改动的没有提交，还在下面。要改已保存的内容，请到它的页面修改；"
    "确实要另外提交一次，请核对后再按一次按钮。"
)


class PortalForm(Form):
    """A form of ours. Errors that belong to no field stand under the empty name."""

    class Meta:
        """Messages of WTForms itself in Chinese."""

        locales = ("zh_CN", "zh")

    def __init__(self, body: Body | None = None, **values: Any) -> None:
        super().__init__(body, **values)
        self.general: list[str] = []
        # It was sent before, with other words: where what it made then is to be seen
        self.sent_before, self.kept = False, ""
        # Why what came is not taken, whatever it says
        self._trouble = body.trouble if body is not None else ""

    def validate(self, extra_validators: Mapping[str, Sequence[Any]] | None = None) -> bool:
        """Whether all is right; never where the form could not be taken as it came."""
        right = super().validate(extra_validators)
        if self._trouble and self._trouble not in self.general:
            self.general.append(self._trouble)
        return right and not self._trouble

    @property
    def problems(self) -> list[tuple[str, str]]:
        """Every error with the id of its field, in the order of the form; errors of none come first."""
        found = [("", error) for error in self.general]
        for field in self:
            found.extend((field.id, str(error)) for error in field.errors)
        return found

    def show(self, problems: Iterable[tuple[str, str]]) -> None:
        """Show what was wrong when the form was sent, as :attr:`problems` gave it then."""
        for name, said in problems:
            if name in self:
                self[name].errors = [*self[name].errors, said]
            else:
                self.general.append(said)

    def refuse(self, error: Refused) -> None:
        """Show a refusal of the action at its field, or over the form."""
        self.sent_before = isinstance(error, SentBefore)
        if error.field is not None and error.field in self:
            self[error.field].errors = [*self[error.field].errors, error.text]
        else:
            self.general.append(error.text)


class Several(SelectMultipleField):
    """Any number of choices. What WTForms says of one that is no choice any more, it says in English alone."""

    def pre_validate(self, form: Form) -> None:
        """Whether all are choices."""
        try:
            super().pre_validate(form)
        except ValidationError as error:
            raise ValidationError(self.gettext("Not a valid choice.")) from error


class SeveralShown(Several):
    """The same where each choice is to be seen, however many there are: a box to scroll in hides some."""


def required(message: str) -> InputRequired:
    """The field must be filled; the message says with what."""
    return _Filled(message)


class _Filled(InputRequired):
    def __call__(self, form: Form, field: Field) -> None:
        if not field.raw_data or not str(field.raw_data[0]).strip():
            field.errors[:] = []
            raise StopValidation(self.message)


def phone(_: Form, field: Field) -> None:
    """A telephone number that can be dialled."""
    _checked(codes.phone, field)


def credit_code(_: Form, field: Field) -> None:
    """A unified social credit code."""
    _checked(codes.credit_code, field)


def _checked(check: Any, field: Field) -> None:
    if field.data:
        try:
            field.data = check(field.data)
        except Refused as error:
            raise ValidationError(error.text) from error


def _plain(text: str | None) -> str:
    return text.strip() if text else ""


def _line(text: str | None) -> str:
    return codes.visible(text) if text else ""


def text(
    label: str,
    message: str | None = None,
    *,
    most: int,
    hint: str = "",
    checks: tuple[Any, ...] = (),
    **words: Any,
) -> StringField:
    """A line of text; with ``message`` it must be filled."""
    rules = [required(message) if message else Optional(), Length(max=most, message=say("最多 {n} 个字。", n=most)), *checks]
    return StringField(label, rules, filters=[_line], description=hint, render_kw={"maxlength": most, **words})


def area(label: str, message: str | None = None, *, most: int, hint: str = "", rows: int = 6) -> TextAreaField:
    """Several lines of text."""
    rules = [required(message) if message else Optional(), Length(max=most, message=say("最多 {n} 个字。", n=most))]
    return TextAreaField(label, rules, filters=[_plain], description=hint, render_kw={"rows": rows})


def choice(label: str, message: str | None = None, *, hint: str = "") -> SelectField:
    """One of several; the choices are given when the form is made."""
    rules = [required(message)] if message else []
    return SelectField(label, rules, description=hint, validate_choice=True)


class Day(DateField):
    """A day that lies no further ahead than may be meant."""

    ahead = AHEAD


class EndDay(Day):
    """A day on which something ends, which may be years ahead."""

    ahead = FAR


def day(label: str, message: str | None = None, *, hint: str = "", ends: bool = False) -> DateField:
    """A day; with ``ends`` one on which something ends."""
    return (EndDay if ends else Day)(label, [_Day(message)], description=hint)


class _Day:
    field_flags: Mapping[str, bool] = {}

    def __init__(self, message: str | None) -> None:
        self._message = message
        if message:
            self.field_flags = {"required": True}

    def __call__(self, form: Form, field: Field) -> None:
        typed = str(field.raw_data[0]).strip() if field.raw_data else ""
        field.errors[:] = []
        if typed and field.data is None:
            raise StopValidation(say("日期写成 2026-11-21 这样。"))
        if not typed:
            raise StopValidation(self._message)
        if isinstance(field.data, date) and not plausible(field.data):
            raise StopValidation(say("这个日期不合理。"))


def with_blank(choices: list[tuple[str, str]], label: str) -> list[tuple[str, str]]:
    """Choices after a first one that chooses nothing."""
    return [("", label), *choices]


async def attempt(call: Call, form: PortalForm, act: Callable[[], Awaitable[str | None]]) -> str | None:
    """Validate and act; what the action gives, or None where form or rule said no (the errors stand in the form). Days of another
    decade are refused in whatever form.
    """
    valid = form.validate()
    try:
        _refuse_far(form, call.today)
        return await act() or "" if valid else None
    except Refused as error:
        form.refuse(error)
        return None


async def attempt_once(
    call: Call, body: Body, form: PortalForm, act: Callable[[], Awaitable[str | None]], *, kept: Callable[[str], str]
) -> str | None:
    """The same for a form that makes something: sent twice, or by two clicks at once, it makes one thing. Sent again with other
    words it makes nothing: the form says what differs from what was sent, and ``kept`` gives the address of what that made.
    """
    sent = body.get(ONCE)
    if not re.fullmatch(r"[0-9a-z]{20}", sent):
        return await attempt(call, form, act)
    viewer = call.viewer
    mark = f"{sent} {viewer.account} {viewer.enterprise}"
    said = _said(body)

    apart: list[Text] = []

    async def alone() -> str | None:
        try:
            return await once(call.db, mark, call.now, act, said=said, otherwise=OTHER_WORDS)
        except SentBefore as error:
            form.kept = kept(error.made)
            apart.extend(_apart(form, json.loads(error.said)["fields"], body))
            raise

    made = await attempt(call, form, alone)
    form.general.extend(apart)
    return made


def _refuse_far(form: PortalForm, today: date) -> None:
    for field in form:
        if isinstance(field, Day) and isinstance(field.data, date) and field.data > today + field.ahead:
            what = say("{text} 太远了（今天是 {today}），多半是年份写错", text=field.data, today=today)
            raise Refused(what, field=field.name)


def _said(body: Body) -> str:
    """What a form says, whatever page brought it: its fields without the marks of the page, and which files came with it."""
    fields = {name: found for name in sorted(body) if name not in (ONCE, TOKEN_FIELD) and (found := clean(body.getlist(name)))}
    files = {name: [sha256(one.read()).hexdigest() for one in found] for name, found in sorted(body.uploads.items()) if found}
    return json.dumps({"fields": fields, "files": files}, ensure_ascii=False)


def _apart(form: PortalForm, before: Mapping[str, Sequence[str]], body: Body) -> list[Text]:
    """Where a form says something else than before, in words."""
    found = []
    for field in form:
        then, now = list(before.get(field.name, ())), clean(body.getlist(field.name))
        if then != now:
            old, new = in_words(field, then), in_words(field, now)
            found.append(
                say("{label}：已提交的是“{old}”，现在填的是“{new}”（没有提交）", label=field.label.text, old=old, new=new)
            )
    return found


def clean(values: Sequence[str]) -> list[str]:
    """What was typed in a field, without what no reader sees."""
    return [value.replace("\r\n", "\n").strip() for value in values if value.strip()]


def in_words(field: Field, values: Sequence[str]) -> str:
    """Values of a field in words, as its choices are called."""
    names = {str(value): str(label) for value, label, *_ in field.iter_choices()} if isinstance(field, SelectField) else {}
    return "、".join(names.get(value, value) for value in values) or say("空")
