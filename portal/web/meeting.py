"""Two who change one thing at once: what each touched, and what of it differs."""

import json
from dataclasses import dataclass

from wtforms import BooleanField, Field, FileField, SelectField, SelectMultipleField

from portal.terms import Text, say
from portal.web.bodies import Body
from portal.web.forms import PortalForm, clean, in_words


@dataclass(frozen=True)
class Met:
    """A form as it is to be shown: what was typed, over what stands there now; and what differs, in words."""

    body: Body
    told: tuple[Text, ...]


def as_sent(form: PortalForm) -> dict[str, list[str]]:
    """What a browser would send for each field of a form as it stands; files apart."""
    return {field.name: _values(field) for field in form if not isinstance(field, FileField)}


def meet(now: PortalForm, body: Body, *, opened: str) -> Met:
    """Bring what was typed and what stands there ``now`` together. ``opened`` is what :func:`as_sent` gave of the form when it
    was opened: a field that still says that was not touched, and takes what stands there now.
    """
    then, there = _read(opened), as_sent(now)
    fields, told = {**body.fields}, list[Text]()
    for field in now:
        if field.name not in there:
            continue
        before, ours, theirs = then.get(field.name), clean(body.getlist(field.name)), clean(there[field.name])
        if theirs in (ours, before):
            continue
        label, found = field.label.text, in_words(field, theirs)
        if ours == before:
            fields[field.name] = there[field.name]
            told.append(say("{label}：已经改成“{found}”（您没有改动，以最新内容为准）", label=label, found=found))
        else:
            mine = in_words(field, ours)
            told.append(say("{label}：现在是“{found}”，您填的是“{mine}”，会按您填的保存", label=label, found=found, mine=mine))
    return Met(Body(fields, body.uploads), tuple(told))


def _read(opened: str) -> dict[str, list[str]]:
    try:
        said = json.loads(opened)
    except (ValueError, RecursionError):
        return {}
    if not isinstance(said, dict):
        return {}
    return {str(name): clean([str(one) for one in values]) for name, values in said.items() if isinstance(values, list)}


def _values(field: Field) -> list[str]:
    match field:
        case SelectMultipleField():
            return [str(one) for one in field.data or ()]
        case BooleanField():
            return ["y"] if field.data else []
        case SelectField():
            return [str(field.data or "")]
    return [str(field._value())]  # noqa: SLF001 - how WTForms writes a value into its page
