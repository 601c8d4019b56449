"""What errors of the database and of the disk mean for people, all in one place."""

import errno
import re
import socket

import asyncpg

from portal.errors import Conflict
from portal.terms import Text, say

FULL = say("现在同时使用的人太多，网站一时忙不过来。请过一会儿再试。")
STARTING = say("数据库正在启动或恢复，一般一两分钟就好。请过一会儿再试。")
STOPPING = say("网站正在维护，数据库暂时停着。请过一会儿再试。")
NO_ROOM = say("服务器的存储空间满了，暂时存不下新的内容，已有的内容没有丢失。请联系部署人员。")
NO_FILES = say("服务器的文件暂时不能读写，这次没有保存。请过一会儿再试；一直这样，请联系部署人员。")
AWAY = say("网站一时连不上数据库。请过一会儿再试。")

# By SQLSTATE, or by its class where all of it means the same
TOLD = {
    "53300": FULL,
    "53200": FULL,
    "53400": FULL,
    "57P03": STARTING,
    "57P01": STOPPING,
    "57P02": STARTING,
    "57P05": STOPPING,
    "53100": NO_ROOM,
    "58030": NO_ROOM,
    "08": AWAY,
    "25006": STOPPING,
}
SIGNS = say("密码里有 @ : / # ? % 的，写成 %40 %3A %2F %23 %3F %25")
LABELS = {
    "code": say("编号"),
    "credit_code": say("统一社会信用代码"),
    "name": say("名称"),
    "login": say("登录名"),
    "badge": say("工作证编号"),
    "number": say("编号"),
    "system": say("系统"),
}
# As triggers call it that something names what an undoing took back meanwhile (done again, it is not there any more)
TAKEN_BACK = "taken_back"
KEY = re.compile(r"Key \((?P<columns>[^=]*)\)=")


def unavailable(error: BaseException) -> Text | None:
    """Why the database takes nothing now, where that is what the error says."""
    if isinstance(error, asyncpg.PostgresError):
        state = error.sqlstate or ""
        return TOLD.get(state) or TOLD.get(state[:2])
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return NO_ROOM
    # A folder that is none, may not be written, or lies on a disk that fails
    if isinstance(error, OSError) and error.filename is not None and not isinstance(error, FileNotFoundError):
        return NO_FILES
    # A connection that broke under a statement, or a socket that nobody listens at (a missing file of ours has a name)
    lost = isinstance(error, asyncpg.InterfaceError) and ("clos" in str(error) or "released" in str(error))
    nobody = isinstance(error, FileNotFoundError) and error.filename is None
    return AWAY if lost or nobody or isinstance(error, ConnectionError | TimeoutError | socket.gaierror) else None


def no_connection(error: BaseException) -> Text:
    """Why no connection to the database comes about, and what to look at, for whoever wrote down where it is."""
    if isinstance(error, asyncpg.InvalidPasswordError | asyncpg.InvalidAuthorizationSpecificationError):
        return say("数据库不让这个用户进（{error}）。请核对用户名、密码和数据库的 pg_hba.conf；{signs}", error=error, signs=SIGNS)
    if isinstance(error, socket.gaierror):
        return say("找不到这台主机。请核对主机名；{signs}", signs=SIGNS)
    if isinstance(error, ConnectionRefusedError | FileNotFoundError):
        return say("那里没有数据库应答。请看数据库有没有启动，主机和端口对不对")
    if isinstance(error, TimeoutError):
        return say("等了很久没有应答。请看主机、端口和防火墙")
    return say("{error}", error=unavailable(error) or error or type(error).__name__)


def refusal(error: asyncpg.PostgresError) -> Conflict:
    """What contradicts another row, in words, at the field that it is about where that can be told."""
    state = error.sqlstate or ""
    columns = KEY.match(error.detail or "")
    said = re.split(r"[, ()]+", columns["columns"]) if columns is not None else []
    field = next((name for name in reversed(said) if name in LABELS), None)
    match state:
        case "23505":
            what = LABELS[field] if field is not None else say("内容")
            text = say("刚才已经登记了一条{what}相同的，这次没有重复保存。请刷新页面核对。", what=what)
        case "23P01":
            text = say("这段时间刚才已经另有安排，这次没有保存。请刷新页面核对。")
        case "23503" | "23001" | "40001":
            text = say("选择的内容刚才已经变动，或者还有别的内容用着它，这次没有保存。请刷新页面核对。")
        case _:
            raise error
    return Conflict(text, field=field, sqlstate=state)
