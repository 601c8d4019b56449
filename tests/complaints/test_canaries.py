"""Canaries: a word that occurs nowhere else in every field of a complaint, and then a search through everything else.

Through logs at their most talkative, through faults that are forced, through every table, every file, every notice and every
transfer sheet. What the register holds anyway (a board's code, an enterprise's name) must not occur once more than before.
"""

import asyncio
import io
import logging
import re
import zlib
from base64 import b64encode
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from PIL import Image

from portal.boards.actions import issue
from portal.call import Call
from portal.complaints import actions, chain, glass, queries, sheets
from portal.complaints.actions import ComplaintOpening
from portal.complaints.queries import Progress
from portal.enterprises.actions import EnterpriseForm, add_enterprise
from portal.storage.columns import public_id
from portal.viewer import PUBLIC, Role, Viewer
from portal.workshop.pool import Workshop
from tests.browse import Page, Visitor
from tests.world import PASSWORD, World, make_appointment, make_custodian, make_person, make_unit, picture

SHEETS = 20
NOTICES = 500
CLEAN = "请核查有关人员是否收受服务对象的宴请，并回复核查结果。"
# Written for this complaint by somebody: never to be found in plain anywhere
WRITTEN = {
    "text": "鸱鸺衔瑾甲",
    "addition": "鸱鸺衔瑾乙",
    "contact": "鸱鸺衔瑾丙",
    "file name": "鸱鸺衔瑾丁",
    "exif": "CHIXIUXIANJINEXIF",
    "question": "鸱鸺衔瑾戊",
    "answer": "鸱鸺衔瑾己",
    "reason of two": "鸱鸺衔瑾庚",
    "reason of moving": "鸱鸺衔瑾辛",
    "recipient": "鸱鸺衔瑾壬",
    "sheet": "鸱鸺衔瑾癸",
}
# Bytes that are marked as sealed and open with no key
BROKEN = "decode(repeat('01', 60), 'hex')"
# Known to the register anyway: not to be found once more because somebody complains
KNOWN = {"enterprise": "麒麟豳风坊", "address": "罍爵巷七千七百号", "subject": "逄猗嫘"}


def shapes(word: str) -> Iterator[bytes]:
    """How a word may stand in bytes."""
    for encoding in ("utf-8", "utf-16-be", "utf-16-le", "gb18030"):
        plain = word.encode(encoding)
        yield from (plain, plain.hex().encode(), plain.hex().upper().encode(), b64encode(plain).rstrip(b"=")[:-1])
    yield word.encode("unicode_escape")


def hits(data: bytes | str, words: Mapping[str, str]) -> dict[str, int]:
    """How often each word stands in the data, in whatever shape; those that don't are left out."""
    where = data.encode(errors="surrogateescape") if isinstance(data, str) else data
    found = {name: sum(where.count(one) for one in set(shapes(word))) for name, word in words.items()}
    return {name: count for name, count in found.items() if count}


@dataclass
class Planted:
    """A board with known words on it, and who keeps what is complained of there."""

    world: World
    board: str
    words: dict[str, str]
    known: dict[str, str]
    keeper: Viewer
    log: "Log"

    @property
    def call(self) -> Call:
        return self.world.call

    @property
    def all(self) -> dict[str, str]:
        return self.words | self.known


def photo() -> bytes:
    """A picture whose EXIF says a word in every field that takes one."""
    exif = Image.Exif()
    for tag in (0x010E, 0x010F, 0x0110, 0x0131, 0x013B, 0x8298):
        exif[tag] = WRITTEN["exif"]
    exif.get_ifd(0x8769)[0x9286] = WRITTEN["exif"].encode()
    out = io.BytesIO()
    Image.new("RGB", (640, 480), "#987").save(out, "JPEG", exif=exif, comment=WRITTEN["exif"].encode())
    assert out.getvalue().count(WRITTEN["exif"].encode()) >= 7
    return out.getvalue()


PHOTO = photo()


class Log(logging.Handler):
    """Everything that any logger says, with traces, as a formatter would write it and as it was handed over."""

    def __init__(self) -> None:
        super().__init__(logging.NOTSET)
        self.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(pathname)s %(message)s"))
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(f"{self.format(record)} {record.args!r} {record.exc_info!r} {record.__dict__!r}")

    @property
    def text(self) -> str:
        return "\n".join(self.lines)


@pytest.fixture
def log() -> Iterator[Log]:
    """All loggers there are, at DEBUG."""
    kept, root = Log(), logging.getLogger()
    loggers = [root, *(one for one in logging.root.manager.loggerDict.values() if isinstance(one, logging.Logger))]
    before = [(one, one.level, one.disabled) for one in loggers]
    for one in loggers:
        one.setLevel(logging.DEBUG)
        one.disabled = False
    root.addHandler(kept)
    yield kept
    root.removeHandler(kept)
    for one, level, disabled in before:
        one.setLevel(level)
        one.disabled = disabled


@pytest.fixture
async def planted(world: World, log: Log) -> Planted:
    firm = EnterpriseForm(
        name=KNOWN["enterprise"],
        division=world.places["丁村"],
        address=KNOWN["address"],
        facts={"size": "small", "risky": "no"},
        since=world.call.today,
    )
    world.enterprises["firm"] = await add_enterprise(world.call, firm)
    await make_person(world, KNOWN["subject"], phone="0512-02000099", badge="示例099", portrait=picture())
    await make_appointment(world, KNOWN["subject"], "keeper", grid="丁村格")
    board = await issue(world.call, "enterprise", world.enterprises["firm"])
    await world.account("subject", Role.INSPECTOR, person=KNOWN["subject"])
    return Planted(world, board, WRITTEN, {**KNOWN, "board": board}, await make_custodian(world, "keeper", "郑纪检"), log)


async def rows(call: Call, tables: Callable[[str], bool]) -> dict[str, str]:
    """Every row of these tables as text."""
    found = {}
    for table in await call.db.rows("select tablename from pg_tables where schemaname = 'public' order by 1"):
        if tables(table["tablename"]):
            text = await call.db.rows(f'select t::text as row from "{table["tablename"]}" t')
            found[table["tablename"]] = "\n".join(row["row"] for row in text)
    return found


def theirs(table: str) -> bool:
    """Whether a table is anybody else's."""
    return not table.startswith("complaint")


def files(folder: Path, but: Path) -> bytes:
    """Every file below a folder but those of another one, names included."""
    kept = [path for path in folder.rglob("*") if path.is_file() and not path.is_relative_to(but)]
    return b"\n".join(str(path).encode() + path.read_bytes() for path in kept)


async def in_world(planted: Planted) -> dict[str, int]:
    """How often each word stands outside the complaints: other tables, other files."""
    portal = planted.call.portal
    tables = "\n".join((await rows(planted.call, theirs)).values())
    counted = hits(tables, planted.all)
    for name, count in hits(files(portal.settings.data, portal.complaint_files.root), planted.all).items():
        counted[name] = counted.get(name, 0) + count
    return counted


@asynccontextmanager
async def nowhere(planted: Planted) -> AsyncIterator[None]:
    """After this, no written word stands in any log, table or file, and no known one stands more often than before."""
    before = await in_world(planted)
    planted.log.lines.clear()
    yield
    assert before == {name: count for name, count in before.items() if name in planted.known}
    assert await in_world(planted) == before
    sealed = await rows(planted.call, lambda table: not theirs(table))
    assert {name: hits(text, planted.all) for name, text in sealed.items() if hits(text, planted.all)} == {}
    portal = planted.call.portal
    assert hits(files(portal.complaint_files.root, portal.files.root), planted.all) == {}
    assert hits(planted.log.text, planted.all) == {}


async def tell(visitor: Visitor, planted: Planted) -> Page:
    """From the board to the receipt through the site, with a mistake on the way that names the file."""
    words = planted.words
    begin = await visitor.door(planted.board, "complaint")
    (mark, *_) = [
        one.get("value")
        for label in begin.all("label")
        if KNOWN["subject"] in "".join(label.itertext())
        for one in label.iter()
        if one.get("name") == "whom"
    ]
    said = {"text": words["text"], "contact": words["contact"], "whom": mark, "topic": "money"}
    bad = [("photos", (f"{words['file name']}.pdf", b"%PDF-" + words["text"].encode(), "image/jpeg"))]
    wrong = await visitor.send(begin, {**said, "go": "reach"}, action="/send", files=bad)
    assert (wrong.status, words["file name"] in wrong.text) == (200, True)
    good = [("photos", (f"{words['file name']}.jpg", PHOTO, "image/jpeg"))]
    check = await visitor.send(wrong, {"go": "check"}, action="/send", files=good)
    assert (words["text"] in check.text, KNOWN["subject"] in check.text) == (True, True)
    return await visitor.send(check, {"go": "send"}, action="/send")


async def entered(site: Any, world: World, login: str) -> Visitor:
    """A viewer at a browser, whose second factor was set up elsewhere."""
    visitor = site("10.0.9.1")
    await visitor.sign_in(login, PASSWORD)
    await world.call.db.rows("update session set confirmed = true")
    return visitor


async def all_of_it(planted: Planted, site: Any, custodian: Visitor) -> tuple[Visitor, Page, str]:
    """Told, read, asked, added to, answered, written onto a sheet, opened by two, handed on: with a word in each."""
    words, visitor = planted.words, site("10.0.1.1")
    given = await tell(visitor, planted)
    home = "/custody/" + await planted.call.db.value("select public_id from complaint order by id desc limit 1")
    page = await custodian.get(home)
    assert words["text"] in page.text
    assert words["contact"] in (await custodian.send(page, {}, action=f"{home}/contact")).text
    (picture,) = {one.get("src", "") for one in page.all("img") if "/photos/" in one.get("src", "")}
    data = (await custodian.get(picture)).response.content
    assert (data[:2], hits(data, words)) == (b"\xff\xd8", {})
    await custodian.send(page, {"step": "ask", "text": words["question"]}, action=f"{home}/step")
    shown = await visitor.send(given, {}, action="/receipt")
    assert words["question"] in shown.text
    more = [("photos", (f"{words['file name']}2.jpg", PHOTO, "image/jpeg"))]
    shown = await visitor.send(shown, {"text": words["addition"]}, action="/receipt/add", files=more)
    assert (words["addition"] in shown.text, "附照片 1 张" in shown.text) == (True, True)
    page = await custodian.get(home)
    page = await custodian.follow(await custodian.send(page, {"step": "accept", "text": ""}, action=f"{home}/step"))
    await custodian.send(page, {"step": "answer", "text": words["answer"]}, action=f"{home}/step")
    sheet = {"recipient": words["recipient"], "text": words["sheet"], "reply_by": later(planted.call).isoformat()}
    page = await custodian.follow(await custodian.send(await custodian.get(f"{home}/sheet"), sheet, action=f"{home}/sheet"))
    (link,) = [one for one in page.links() if "/sheets/" in one]
    assert (await custodian.get(link)).response.content[:5] == b"%PDF-"
    shown = await visitor.send(given, {}, action="/receipt")
    assert words["answer"] in shown.text
    return visitor, given, home


@pytest.mark.clause("PB-3", "PB-4", "NAT-XF-30")
async def test_no_word_of_a_complaint_stands_in_any_log_table_or_file_of_anybody_elses(
    planted: Planted, site, record_property
) -> None:
    custodian = await entered(site, planted.world, "keeper")
    two = [
        await make_custodian(planted.world, login, name, unit=None, role=Role.ADMINISTRATOR, phone=f"0512-0888000{n}")
        for n, (login, name) in enumerate((("first", "蒋主任"), ("second", "沈主任")))
    ]
    await make_unit(planted.world, "区巡察", "watch", "示例区", "0512-01000009")
    await make_custodian(planted.world, "other", "卫巡察", unit="区巡察", phone="0512-08880009")
    async with nowhere(planted):
        visitor, given, home = await all_of_it(planted, site, custodian)
        number = await planted.call.db.value("select number from complaint")
        request = await glass.ask(planted.call.as_(two[0]), number, planted.words["reason of two"])
        await glass.confirm(planted.call.as_(two[1]), request)
        page = await custodian.get(f"{home}/move")
        (unit,) = [one.get("value") for one in page.all("option") if one.text == "区巡察"]
        done = await custodian.send(page, {"unit": unit, "why": planted.words["reason of moving"]}, action=f"{home}/move")
        assert done.status == 303
        assert planted.words["reason of two"] in (await visitor.send(given, {}, action="/receipt")).text
        assert not await chain.first_break(planted.call)
    assert len(planted.log.lines) > 10
    record_property("log lines searched", len(planted.log.lines))
    record_property("words", len(planted.all))


def spoil(planted: Planted, how: str) -> list[str]:
    """SQL that makes something fail, and its remedy where the tables themselves were changed."""
    return {
        "text": [f"update complaint_step set text = {BROKEN}"],
        "text of another": ["update complaint_step set text = (select contact from complaint)"],
        "about": [f"update complaint set about = {BROKEN}"],
        "key": [f"update complaint set key = '\\x0130303031' || {BROKEN}"],
        "contact": ["update complaint set contact = substr(contact, 1, 30)"],
        "chain": [
            f"set session_replication_role = replica; update complaint_entry set body = {BROKEN}; set session_replication_role = origin"
        ],
        "sheet": [f"update complaint_sheet set recipient = {BROKEN}"],
        "because": ["update complaint set due_because = '\"x\"'"],
        **{
            f"{table} takes nothing": [
                f"alter table {table} add constraint spoilt check (false) not valid",
                f"alter table {table} drop constraint spoilt",
            ]
            for table in (
                "complaint",
                "complaint_step",
                "complaint_entry",
                "complaint_sheet",
                "complaint_photo",
                "complaint_notice",
                "feedback_draft_photo",
            )
        },
    }[how]


FAULTS = (
    "text",
    "text of another",
    "about",
    "key",
    "contact",
    "chain",
    "sheet",
    "because",
    "complaint takes nothing",
    "complaint_step takes nothing",
    "complaint_entry takes nothing",
    "complaint_sheet takes nothing",
    "complaint_photo takes nothing",
    "complaint_notice takes nothing",
    "feedback_draft_photo takes nothing",
)


async def everything(planted: Planted, visitor: Visitor, custodian: Visitor, given: Page, home: str) -> list[int]:
    """Every handler of the wing once, with words in each body, whatever it answers."""
    words, outer, inner = planted.words, visitor.client, custodian.client
    form = given.form("/receipt")
    token = (await custodian.get("/account")).form("/sign-out")["_token"]
    sheet = await planted.call.db.value("select public_id from complaint_sheet limit 1")
    picture = await planted.call.db.value("select public_id from complaint_photo limit 1")
    fresh = {"_token": form["_token"], "form": public_id(), "board": planted.board, "kind": "complaint"}
    upload = [("photos", (f"{words['file name']}.jpg", PHOTO, "image/jpeg"))]
    answers = [
        await outer.post("/door", data={"board": planted.board, "kind": "complaint"}),
        *[
            await outer.post("/send", data={**fresh, "text": words["text"], "contact": words["contact"], "go": go}, files=upload)
            for go in ("reach", "check", "send", "send")
        ],
        await outer.post("/receipt", data=form),
        await outer.post("/receipt/add", data={**form, "text": words["addition"], "form": public_id()}, files=upload),
        await inner.get("/custody"),
        await inner.get(home),
        await inner.get(f"{home}/photos/{picture}"),
        await inner.get(f"{home}/sheet"),
        await inner.get(f"{home}/sheets/{sheet}"),
        await inner.get(f"{home}/move"),
        await inner.get(f"{home}/stand-back"),
    ]
    for deed, values in (
        ("contact", {}),
        ("step", {"step": "ask", "text": words["question"], "form": public_id()}),
        ("step", {"step": "answer", "text": words["answer"], "form": public_id()}),
        (
            "sheet",
            {
                "recipient": words["recipient"],
                "text": words["sheet"],
                "reply_by": later(planted.call).isoformat(),
                "form": public_id(),
            },
        ),
        ("move", {"unit": "x", "why": words["reason of moving"]}),
        ("stand-back", {}),
    ):
        answers.append(await inner.post(f"{home}/{deed}", data={**values, "_token": token}))
    answers.append(await inner.post("/custody/two", data={"_token": token, "number": "x", "reason": words["reason of two"]}))
    for answer in answers:
        if answer.status_code >= 500:
            assert hits(answer.content, planted.all) == {}
    return [answer.status_code for answer in answers]


@pytest.mark.parametrize("part", [0, 1, 2])
async def test_faults_forced_in_every_place_log_no_word(planted: Planted, site, record_property, part: int) -> None:
    custodian = await entered(site, planted.world, "keeper")
    visitor, given, home = await all_of_it(planted, site, custodian)
    failed = requests = 0
    async with planted.call.db.pool.acquire() as connection:
        kept = "create temp table kept as select * from complaint; create temp table kept_steps as select * from complaint_step; create temp table kept_entries as select * from complaint_entry; create temp table kept_sheets as select * from complaint_sheet"
        back = (
            "set session_replication_role = replica; update complaint c set about = k.about, key = k.key, contact = k.contact, due_because = k.due_because, "
            "state = k.state from kept k where k.id = c.id; update complaint_step s set text = k.text from kept_steps k where k.id = s.id; "
            "update complaint_entry e set body = k.body from kept_entries k where k.id = e.id; update complaint_sheet s set recipient = k.recipient "
            "from kept_sheets k where k.id = s.id; set session_replication_role = origin"
        )
        await connection.execute(kept)
        try:
            for fault in FAULTS[part::3]:
                async with nowhere(planted):
                    harm, *remedy = spoil(planted, fault)
                    await connection.execute(harm)
                    try:
                        statuses = await everything(planted, visitor, custodian, given, home)
                    finally:
                        for cure in (*remedy, back):
                            await connection.execute(cure)
                    await connection.execute("delete from feedback_draft_photo; delete from stored_file where kind = 'draft'")
                    assert any(status >= 500 for status in statuses), fault
                    traces = sum("Traceback" in line for line in planted.log.lines)
                    assert traces >= sum(status >= 500 for status in statuses), fault
                    failed += sum(status >= 500 for status in statuses)
                    requests += len(statuses)
        finally:
            await connection.execute("drop table kept, kept_steps, kept_entries, kept_sheets")
    record_property("requests that failed", failed)
    record_property("requests", requests)


async def test_files_that_are_gone_broken_or_cannot_be_written_log_no_word(planted: Planted, site) -> None:
    custodian = await entered(site, planted.world, "keeper")
    visitor, given, home = await all_of_it(planted, site, custodian)
    root = planted.call.portal.complaint_files.root
    (first, *_) = stored = [path for path in root.rglob("*") if path.is_file()]
    assert len(stored) == 2
    async with nowhere(planted):
        for path in stored:
            path.write_bytes(path.read_bytes()[:-1] + b"x")
        assert 500 in await everything(planted, visitor, custodian, given, home)
        for path in stored:
            path.unlink()
        statuses = await everything(planted, visitor, custodian, given, home)
        assert statuses[9] == 404
        # Nothing can be written where the folder should be
        aside = root.rename(root.with_name("aside"))
        root.write_bytes(b"")
        statuses = await everything(planted, visitor, custodian, given, home)
        assert 503 in statuses
        root.unlink()
        aside.rename(root)
    assert any("Traceback" in line for line in planted.log.lines)
    assert first.name not in planted.log.text


async def test_what_searches_would_find_a_word_that_is_let_out(planted: Planted, site) -> None:
    """A search that finds nothing proves nothing where it would find nothing anyway."""
    word = planted.words["text"]
    for leak in ("log", "trace", "table", "file"):
        with pytest.raises(AssertionError):
            async with nowhere(planted):
                match leak:
                    case "log":
                        logging.getLogger("some.library").debug("sent %s", {"text": word})
                    case "trace":
                        try:
                            raise ValueError(word)
                        except ValueError:
                            logging.getLogger("portal").exception("failed")
                    case "table":
                        await planted.call.db.rows("update unit set name = name || $1 where name = '区局'", word)
                    case "file":
                        (planted.call.portal.settings.data / "x").write_bytes(word.encode("utf-16-le"))
        (planted.call.portal.settings.data / "x").unlink(missing_ok=True)
        await planted.call.db.rows("update unit set name = '区局' where name like '区局%'")
    async with nowhere(planted):
        await all_of_it(planted, site, await entered(site, planted.world, "keeper"))


# Notices


@pytest.mark.clause("PB-3")
async def test_five_hundred_notices_say_which_kind_of_thing_waits_and_not_a_word_more(planted: Planted, record_property) -> None:
    call, words = planted.call.as_(PUBLIC), planted.words
    marks = [one.mark for one in (await actions.door(call, planted.board)).choices if one.name == KNOWN["subject"]]
    assert marks
    async with nowhere(planted):
        for n in range(NOTICES // 25):
            new = ComplaintOpening(
                board=planted.board,
                form=public_id(),
                text=f"{words['text']}{n}",
                contact=words["contact"],
                whom=marks[0],
                topic="money",
            )
            receipt = await actions.open_complaint(call, new)
            found = await queries.by_receipt(call, receipt, address="10.3.0.1")
            assert isinstance(found, Progress)
            for m in range(24):
                await actions.add(call, found, f"{words['addition']}{m}", public_id())
        notices = await planted.call.db.rows("select n.*, n::text as row from complaint_notice n")
        assert len(notices) == NOTICES
        assert {row["kind"] for row in notices} == {"new", "added"}
        assert all(re.fullmatch(r"[\w(),\" :+-]+", row["row"]) for row in notices)
        columns = await planted.call.db.rows(
            "select column_name from information_schema.columns where table_name = 'complaint_notice'"
        )
        assert {row[0] for row in columns} == {"id", "complaint", "unit", "kind", "at", "done_at"}
        keepers = {row["unit"] for row in notices}
        assert keepers == {await planted.world.unit_id("纪检")}
    record_property("notices", len(notices))


# Transfer sheets


def streams(data: bytes) -> Iterator[bytes]:
    """Every stream of a PDF, unpacked."""
    for match in re.finditer(rb"stream\r?\n(.*?)\r?\nendstream", data, re.DOTALL):
        try:
            yield zlib.decompressobj().decompress(match[1])
        except zlib.error:
            yield match[1]


def inside(data: bytes) -> tuple[str, bytes]:
    """What a PDF shows as text, and all else that it holds: properties, attachments, unpacked streams, raw bytes."""
    document = pypdfium2.PdfDocument(data)
    try:
        pages = [document[n] for n in range(len(document))]
        text = "".join(page.get_textpage().get_text_range() for page in pages)
        images = [one for page in pages for one in page.get_objects() if one.type == pypdfium2.raw.FPDF_PAGEOBJ_IMAGE]
        properties = document.get_metadata_dict()
        assert properties.pop("Producer").startswith("WeasyPrint")
        assert properties.pop("Title") == "转办单"
        assert set(properties.values()) == {""}
        assert (document.count_attachments(), images) == (0, [])
    finally:
        document.close()
    return re.sub(r"\s", "", text), b"\n".join((data, *streams(data)))


async def written(planted: Planted, count: int) -> AsyncIterator[tuple[str, bytes]]:
    """Transfer sheets of one complaint, each for another recipient, in clean words; recipient and PDF."""
    call, words = planted.call.as_(PUBLIC), planted.words
    new = ComplaintOpening(board=planted.board, form=public_id(), text=words["text"], contact=words["contact"], topic="money")
    await actions.open_complaint(call, new)
    keeper = planted.call.as_(planted.keeper)
    id_ = await planted.call.db.value("select public_id from complaint")
    await actions.take_step(keeper, id_, "ask", words["question"], public_id())
    await actions.take_step(keeper, id_, "accept", words["answer"], public_id())
    for n in range(count):
        recipient = f"{words['recipient']}{n}科"
        sheet = await sheets.write(
            keeper, id_, recipient=recipient, text=CLEAN, reply_by=later(keeper), sure=False, form=public_id()
        )
        yield recipient, await sheets.pdf(keeper, id_, sheet)


def later(call: Call) -> date:
    """A day by which a sheet may be replied to."""
    return call.today + timedelta(days=5)


def unmeant(planted: Planted) -> dict[str, str]:
    """All words that have no business on a sheet."""
    return {name: word for name, word in planted.all.items() if name != "recipient"}


@pytest.mark.clause("PB-3")
async def test_transfer_sheets_hold_no_word_but_the_recipient(planted: Planted, record_property) -> None:
    counted = 0
    async with nowhere(planted):
        async for recipient, data in written(planted, SHEETS):
            text, rest = await asyncio.to_thread(inside, data)
            # Named twice, in its place and across the page
            assert text.count(recipient) == 2
            assert CLEAN in text
            assert hits(text, unmeant(planted)) == {}
            assert hits(rest, unmeant(planted)) == {}
            number = await planted.call.db.value("select number from complaint")
            assert number not in text
            counted += 1
    assert counted == SHEETS
    record_property("sheets", counted)


async def test_a_word_that_a_custodian_insists_on_is_found_on_the_sheet(planted: Planted) -> None:
    """The search of sheets finds what stands there."""
    await actions.open_complaint(
        planted.call.as_(PUBLIC), ComplaintOpening(board=planted.board, form=public_id(), text="我们那里的事")
    )
    keeper, id_ = planted.call.as_(planted.keeper), await planted.call.db.value("select public_id from complaint")
    for name, word in unmeant(planted).items():
        sheet = await sheets.write(
            keeper, id_, recipient="某处", text=f"请核查：{word}", reply_by=later(keeper), sure=True, form=public_id()
        )
        text, _ = inside(await sheets.pdf(keeper, id_, sheet))
        assert name in hits(text, planted.all)


class Here(Workshop):
    """The workshop's work done in this very process, so that what the drawing libraries log is heard."""

    async def do(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        return function(*args, **kwargs)


async def test_drawing_a_sheet_logs_no_word_of_it(planted: Planted) -> None:
    here = replace(planted.world.call, portal=replace(planted.call.portal, workshop=Here()))
    planted.world.call = here
    async with nowhere(planted):
        async for _, data in written(planted, 1):
            assert data[:5] == b"%PDF-"


def test_words_are_found_in_every_shape() -> None:
    for word in (*WRITTEN.values(), *KNOWN.values()):
        many: Iterable[bytes] = (
            word.encode(),
            word.encode("utf-16-be").hex().upper().encode(),
            f"{word!a}".encode(),
            b64encode(f"{word}".encode()),
        )
        for one in many:
            assert hits(b"..." + one + b"...", {"it": word}), (word, one)
