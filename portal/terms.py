"""The words that people read: one place for labels, and the mark that makes a string translatable.

Chinese is the source language of the interface. Every string that a person may read is wrapped in :func:`say`
(in templates: ``_()``), so that a second language is a catalogue and never a search through the code.
"""

import re
from datetime import date
from typing import Self

# What stands between the parts of a list in a cell of a sheet
SEPARATORS = re.compile(r"[、，,;；\s]+")


class Text(str):
    """A Chinese sentence that still knows its source text and parameters, so that it can be said in another language."""

    __slots__ = ("msgid", "params")
    msgid: str
    params: dict[str, object]

    def __new__(cls, msgid: str, params: dict[str, object] | None = None) -> Self:
        """The sentence with its places filled; a date as people write it."""
        said = {name: day_words(value) if type(value) is date else value for name, value in (params or {}).items()}
        self = super().__new__(cls, msgid.format(**said) if said else msgid)
        self.msgid, self.params = msgid, params or {}
        return self

    def __getnewargs__(self) -> tuple[str, dict[str, object]]:  # type: ignore[override] # what copies and pickles need
        return self.msgid, self.params


def also(*names: str) -> tuple[str, ...]:
    """What people may write for something: words that are recognised, never shown."""
    return names


def say(msgid: str, **params: object) -> Text:
    """Mark ``msgid`` for translation; ``{name}`` places in it are filled from ``params``."""
    return Text(msgid, params)


def day_words(day: date) -> Text:
    """A date as people write it: 2026年11月21日."""
    return say("{year}年{month}月{day}日", year=day.year, month=day.month, day=day.day)


KIND = {"contact": say("留言"), "report": say("举报"), "complaint": say("投诉")}

CASE_STATE = {
    "received": say("已收到"),
    "accepted": say("已受理"),
    "refused": say("不予受理"),
    "answered": say("已答复"),
    "closed": say("已办结"),
}

CASE_STEP = {
    "accept": say("受理"),
    "refuse": say("不予受理"),
    "answer": say("答复"),
    "close": say("办结"),
    "add": say("补充"),
    "turn": say("转办"),
}

COMPLAINT_STEP = {
    "accept": say("受理"),
    "refuse": say("不予受理"),
    "ask": say("请补充情况"),
    "answer": say("答复"),
    "close": say("办结"),
    "add": say("补充"),
}

COMPLAINT_DEED = {
    "opened": say("收到"),
    "added": say("投诉人补充"),
    "read": say("查看"),
    "photo": say("查看照片"),
    "contact": say("查看联系方式"),
    "accept": say("受理"),
    "refuse": say("不予受理"),
    "ask": say("请补充情况"),
    "answer": say("答复"),
    "close": say("办结"),
    "moved": say("转给另一部门受理"),
    "stood_back": say("主动回避"),
    "sheet": say("写转办单"),
    "sheet_read": say("打印转办单"),
    "glass": say("两人共同批准查看"),
    "recounted": say("按公布的放假安排重新计算期限"),
}

FORCE = {
    "must": say("必须"),
    "in_principle": say("原则上"),
    "where_possible": say("有条件的"),
    "encouraged": say("鼓励"),
}

GROUND = {
    "zone": say("开发区"),
    "district": say("区（县）"),
    "town": say("乡镇（街道）"),
    "village": say("村（社区）"),
    "drawn": say("划定片区"),
    "enterprise": say("单家企业"),
}

ACT = {
    "patrol": say("巡查"),
    "check": say("检查"),
    "supervision": say("督查"),
    "meeting": say("会议"),
    "training": say("培训"),
    "report": say("报告"),
}

DUE = {
    "done": say("已完成"),
    "due": say("待完成"),
    "missed": say("逾期未完成"),
    "excused": say("不计（已说明原因、不满一个周期，或文件没有硬性要求）"),
}

REFINED_UNIT = {
    "months": say("个月"),
    "weeks": say("周"),
    "days": say("日"),
    "working_days": say("个工作日"),
    "number": say("次、人、元"),
}

READ = {
    "full": say("看到全文"),
    "part": say("看到部分"),
    "heard": say("未见文本"),
}

SHOWN = {
    "people": say("人员"),
    "duties": say("职责"),
    "services": say("服务"),
    "lines": say("各条线的部门"),
    "words": say("文字"),
}

LATER = {
    "4": say("巡查与隐患"),
    "5": say("公众参与和公开"),
    "7": say("人员、考核与报表"),
}

CAPACITY = {
    "assist": say("无行政执法权，只能巡查、协助检查"),
    "enforce": say("持行政执法证件，可依法实施行政执法"),
    "lead": say("负责领导与协调"),
}

ROLE = {
    "administrator": say("系统管理员"),
    "office": say("监管部门经办人"),
    "inspector": say("网格人员"),
    "enterprise": say("生产经营单位"),
    "custodian": say("投诉受理人"),
}

ASK = {
    "create": say("新建账号"),
    "grant": say("增加权限"),
    "link": say("发送设置密码的链接"),
    "second": say("解除二次验证"),
    "enable": say("恢复账号"),
    "disable": say("停用账号"),
    "end": say("收回权限"),
}

JURISDICTION_KIND = {
    "province": say("省（自治区、直辖市）"),
    "city": say("设区的市"),
    "district": say("区（县）"),
    "zone": say("开发区"),
    "town": say("乡镇（街道）"),
    "village": say("村"),
    "community": say("社区"),
}

INTEREST = {
    "kin": say("亲属"),
    "share": say("持股、出资"),
    "work": say("任职、兼职或刚离职"),
    "debt": say("债权债务"),
    "dispute": say("纠纷"),
    "other": say("其他直接利害关系"),
}

IMPORT_STATE = {
    "waiting": say("等待检查"),
    "asking": say("等待说明各列含义"),
    "checking": say("正在检查"),
    "checked": say("已检查，尚未导入"),
    "taking": say("正在导入"),
    "taken": say("已导入"),
    "undoing": say("正在撤销"),
    "undone": say("已撤销"),
    "failed": say("没有完成"),
}

IMPORT_DEED = {"came": say("新增"), "changed": say("修改"), "ended": say("停用")}

OUTCOME = {
    "placed": say("已纳入网格"),
    "direct": say("由部门直接监管"),
    "not_covered": say("不适用本方案"),
    "not_yet": say("本方案在当地尚未施行"),
    "no_class": say("没有适用的类别"),
    "several_classes": say("同时符合多个类别，待核定"),
    "no_grid": say("地址不在任何网格内"),
    "several_grids": say("地址同时在几个网格内"),
}

SERVES = {
    False: say("本辖区没有另行指定的网格"),
    True: say("只服务指定它的网格"),
}

FILED = {
    "draft": say("未备案"),
    "changed": say("备案后有变动"),
    "waiting": say("已报送，待备案"),
    "in_force": say("已备案"),
}

FILING = {
    "waiting": say("待备案"),
    "accepted": say("已备案"),
    "returned": say("已退回"),
    "withdrawn": say("已撤回"),
}

BECAME = {"new": say("新划"), "changed": say("变动"), "ended": say("撤销"), "reopened": say("重新启用")}

DRAWN = {
    "code": say("编号"),
    "name": say("名称"),
    "tier": say("层级"),
    "area_note": say("责任区"),
    "ground": say("包括的村、社区"),
}

SUBJECT = {
    "jurisdiction": say("辖区"),
    "unit": say("部门"),
    "grid": say("网格"),
    "person": say("人员"),
    "appointment": say("任职"),
    "enterprise": say("生产经营单位"),
    "board": say("公示牌"),
    "case": say("群众来件"),
    "account": say("账号"),
    "edition": say("方案版本"),
    "import": say("导入"),
    "list": say("列表"),
    "deed": say("履职记录"),
    "filing": say("网格备案"),
    "letter": say("委托书"),
    "outside_grid": say("其他系统的网格"),
    "clock": say("服务器时间"),
    "register": say("全部登记数据"),
}

DEED = {
    "created": say("新增"),
    "changed": say("修改"),
    "ended": say("停用"),
    "reopened": say("重新启用"),
    "appointed": say("安排任职"),
    "dismissed": say("办理离任"),
    "corrected": say("更正日期"),
    "stated": say("登记单位情况"),
    "refined": say("登记本地更严规定"),
    "done": say("登记履职"),
    "excused": say("说明原因"),
    "withdrawn_deed": say("撤回履职记录"),
    "withdrawn_excuse": say("撤回原因说明"),
    "placed": say("确定所属网格"),
    "imported": say("导入"),
    "undone": say("撤销导入"),
    "exported": say("导出"),
    "issued": say("签发"),
    "revoked": say("作废"),
    "printed": say("生成公示牌文件"),
    "opened": say("收到"),
    "accepted": say("受理"),
    "refused": say("不予受理"),
    "answered": say("答复"),
    "closed": say("办结"),
    "added": say("补充"),
    "moved": say("转办"),
    "read": say("查看"),
    "signed_in": say("登录"),
    "guessed": say("多次输错二次验证码"),
    "kept": say("存档"),
    "declared": say("登记利害关系"),
    "handed_over": say("移交岗位"),
    "asked": say("申请，等另一位管理员确认"),
    "confirmed": say("确认申请"),
    "declined": say("不同意申请"),
    "withdrawn": say("撤回申请"),
    "lapsed": say("申请过期"),
    "filed": say("报送备案"),
    "put_on_file": say("备案"),
    "sent_back": say("退回备案"),
    "taken_back": say("撤回备案"),
    "mapped": say("关联网格"),
    "put_back": say("从备份恢复"),
    "recounted": say("按公布的放假安排重新计算期限"),
    "let_in": say("生成现场查看码"),
    "charged": say("明确负责部门"),
    "unrefined": say("结束本地更严规定"),
    "undeclared": say("结束利害关系"),
    "hung": say("确认已换牌"),
    "granted": say("授予权限"),
    "ungranted": say("收回权限"),
    "bound": say("关联登记人员"),
    "enabled": say("恢复账号"),
    "signed_out": say("全部退出设备"),
    "second_on": say("绑定二次验证"),
    "second_off": say("解除二次验证"),
    "password_set": say("设置密码"),
    "password_reset": say("重设密码"),
    "link_sent": say("发送设置密码的链接"),
    "reset_link_sent": say("发送重设密码的链接"),
    "covered": say("委托代办"),
    "uncovered": say("结束代办"),
}

# Where a kind of thing has its own word for an act
DEED_OF = {"person ended": say("登记离岗"), "grid ended": say("登记撤销"), "letter ended": say("登记终止")}
# What holds no more from the day that is told with them
ENDING = frozenset({"ended", "dismissed", "charged", "unrefined", "undeclared", "uncovered"})

FIELD = {
    "name": say("姓名"),
    "badge": say("工作证编号"),
    "phone": say("联系电话"),
    "photo": say("照片"),
    "capacity": say("执法资格"),
}
