"""The transfer sheet (转办单): what a custodian writes anew for those who look into a complaint. The reporter's own words, the
board, the hour and the photos never stand on it; what still identifies is pointed out before it is made. By when to reply the
custodian says: a day that is counted from the complaint's would tell when it came.
"""

import re
from datetime import date
from pathlib import Path

from portal.call import Call
from portal.clock import day_of
from portal.complaints import chain, queries, rules
from portal.complaints.actions import hold, refuse_guests
from portal.complaints.queries import Opened
from portal.complaints.rules import Trace
from portal.complaints.tables import TransferSheet
from portal.errors import NotVisible, Refused
from portal.feedback.actions import checked_text
from portal.templating import Templates
from portal.terms import day_words, say
from portal.workshop.fonts import FONT_STACK, refuse_undrawable
from portal.workshop.pdf import draw

FOLDER = Path(__file__).parent / "templates"
LONGEST_TEXT = 1_000
LEGAL_FORM = re.compile(r"(?:股份|集团|有限|责任)*公司.*|厂.*|（.*）$")
LONGEST_RECIPIENT = 80


class StillIdentifies(Refused):
    """The text leads to the reporter: ``traces`` says where. Nothing was made."""

    def __init__(self, traces: tuple[Trace, ...]) -> None:
        super().__init__(say("下面这些内容可能让人认出投诉人，请改写；确需保留的，请勾选确认。"), field="text")
        self.traces = traces


async def write(call: Call, id_: str, *, recipient: str, text: str, reply_by: date, sure: bool, form: str) -> str:
    """Make a sheet for a recipient, to be replied to by a day; its public id, which follows from form and words: the same sent
    twice is one sheet.

    :class:`StillIdentifies` unless the custodian is ``sure``; :class:`Refused` for a day that helps nobody, or a character that
    cannot be printed.
    """
    to = checked_text(recipient, longest=LONGEST_RECIPIENT, field="recipient", what=say("请写明承办单位。"))
    words = checked_text(text, longest=LONGEST_TEXT, field="text", what=say("请用自己的话写明核查事项。"))
    if reply_by <= call.today:
        raise Refused(say("反馈期限要晚于今天。"), field="reply_by")
    await call.portal.workshop.do(refuse_undrawable, f"{to}{words}")
    sheet = call.portal.keyring.derive("sheet", id_, form, to, words, reply_by.isoformat()).hex()[:20]

    async def work() -> str:
        one = await hold(call, id_)
        refuse_guests(call, one)
        if await call.db.value("select exists (select from complaint_sheet where public_id = $1)", sheet):
            return sheet
        if one.row["state"] == "closed":
            raise Refused(say("这件投诉已经办结，不能再写转办单。"))
        due = one.row["due"] if one.row["state"] == "accepted" else None
        if due is not None and call.today < due < reply_by:
            raise Refused(say("核查结果要在答复投诉人之前收到：反馈期限请不要晚于答复期限 {due}。", due=due), field="reply_by")
        if not sure and (found := await traces(call, one, f"{to}\n{words}")):
            raise StillIdentifies(found)
        await TransferSheet(
            public_id=sheet,
            complaint=one.row["id"],
            recipient=one.key.seal_text(to, f"recipient {sheet}"),
            text=one.key.seal_text(words, f"sheet {sheet}"),
            reply_by=reply_by,
            author=call.viewer.account,
            at=call.now,
        ).save()
        await chain.append(call, one.row, "sheet", {"to": to})
        return sheet

    return await call.db.run_tx(work)


async def traces(call: Call, one: Opened, text: str) -> tuple[Trace, ...]:
    """What in a text still leads to the reporter of a complaint."""
    said = [step.text for step in await queries.said(call, one) if not step.ours]
    contact = one.row["contact"]
    if contact is not None:
        said.append(one.key.open_text(contact, f"contact {one.row['public_id']}"))
    about = one.about
    firm = about.enterprise_name
    names = [
        *((say("单位名称"), name) for name in (firm, LEGAL_FORM.sub("", firm))),
        (say("地址"), about.address),
        (say("公示牌编号"), about.board),
        (say("投诉编号"), one.row["number"]),
    ]
    if contact is not None:
        names.append((say("联系方式"), said[-1]))
    return rules.identifying(text, said=said, names=names)


async def pdf(call: Call, id_: str, sheet: str) -> bytes:
    """The sheet as a PDF, marked for its recipient across the page; printing it is written into the chain."""

    async def work() -> str:
        one = await hold(call, id_)
        row = await call.db.row("select * from complaint_sheet where public_id = $1 and complaint = $2", sheet, one.row["id"])
        if row is None:
            raise NotVisible
        recipient = one.key.open_text(row["recipient"], f"recipient {sheet}")
        await chain.append(call, one.row, "sheet_read", {"to": recipient})
        day = day_of(row["at"])
        return (
            Templates([FOLDER])
            .get_template("sheet.html")
            .render(
                number=sheet[:8].upper(),
                recipient=recipient,
                text=one.key.open_text(row["text"], f"sheet {sheet}"),
                reply_by=day_words(row["reply_by"]) if row["reply_by"] else "",
                keeper=one.row["keeper"],
                day=day_words(day),
                fonts=FONT_STACK,
            )
        )

    return await call.portal.workshop.do(draw, await call.db.run_tx(work))
