"""What the office's forms share: showing one, and turning a refusal into an error at its field."""

from collections.abc import Mapping

from portal.storage.columns import public_id
from portal.terms import Text, say
from portal.web.forms import ONCE, PortalForm, area, day
from portal.web.pages import Html, page
from portal.web.requests import AnyRequest

TOLD: Mapping[str, Text] = {
    "name": say("名称"),
    "phone": say("电话"),
    "code": say("编号"),
    "badge": say("工作证编号"),
    "certificate": say("执法证号"),
    "area_note": say("责任区"),
    "address": say("地址"),
    "credit_code": say("统一社会信用代码"),
    "contact": say("联系人"),
    "grid": say("网格"),
    "parent": say("上级网格"),
    "until": say("截止日期（不含当天）"),
    "since": say("起始日期"),
    "version": say("版次"),
    "why": say("原因"),
    "number": say("备案号"),
    "office": say("备案部门"),
    "place": say("所在地"),
    "drawn_grid": say("指定的网格"),
    "covers": say("所辖村、社区"),
    "unit": say("部门"),
    "on_line": say("条线"),
    "stated": say("情况"),
    "holder": say("任职人"),
    "because": say("更正理由"),
    "towards": say("对象"),
    "item": say("项目"),
    "document": say("依据"),
    "value": say("规定"),
    "power": say("权限"),
    "human": say("本人"),
    "deputy": say("代办人"),
    "served_by": say("负责部门"),
    "serves": say("服务范围"),
    "letter": say("文号"),
    "lender": say("委托部门"),
    "entrusted": say("受委托部门"),
    "powers": say("委托的职权"),
    "fields": say("委托的范围"),
    "published": say("公布"),
    "last": say("有效期至"),
}


# The field of the id under which a file lies that came with a form that had to be shown again
KEPT_FILE = "kept_file"


class EndForm(PortalForm):
    """From which day on something is no more."""

    day = day(say("从哪天起"), say("请填写日期。"), hint=say("从这一天起不再有效，以前的记录都保留。"), ends=True)


class ReopenForm(PortalForm):
    """From which day on something that had ended goes on."""

    day = day(say("从哪天起"), say("请填写日期。"), hint=say("不早于停用（撤销）的那天；中间的日子仍算停用（撤销）。"))


class WhyForm(PortalForm):
    """Why something is done that cannot be undone."""

    why = area(say("原因"), say("请写明原因。"), most=200, rows=3)


def show_form(
    request: AnyRequest,
    form: PortalForm,
    *,
    title: str,
    back: str,
    back_name: str,
    verb: str,
    intro: str = "",
    harm: bool = False,
    hidden: Mapping[str, str] | None = None,
    status: int = 200,
) -> Html:
    """A form of the office; it posts to the address that it stands at."""
    return page(
        request,
        "office/form.html",
        form=form,
        title=title,
        back=back,
        back_name=back_name,
        verb=verb,
        intro=intro,
        harm=harm,
        hidden={ONCE: public_id(), **(hidden or {})},
        action=request.scope["path"],
        layout="layouts/office.html",
        status=422 if form.problems else status,
    )
