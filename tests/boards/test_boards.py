"""Boards: issued as immutable versions, live to the register, exactly the touched ones stale, printed and read back."""

import asyncio
import csv
import io
import random
import subprocess
import zipfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pypdfium2
import pytest
from pyzbar import pyzbar

from portal import codes
from portal.areas import actions as areas
from portal.boards import actions, batch, queries
from portal.boards.decoding import codes_in
from portal.boards.jobs import ask_batch, print_boards
from portal.boards.printing import pdf
from portal.boards.rules import compose, difference
from portal.call import Call, Event
from portal.desk.queries import job
from portal.enterprises import actions as enterprises
from portal.errors import NotVisible, Refused
from portal.feedback.actions import way
from portal.ledger.actions import handle_due
from portal.people import actions as people
from portal.people import queries as people_queries
from portal.scheme.words import Kind
from portal.storage.lists import Wanted
from portal.viewer import PUBLIC
from tests.world import World, make_appointment, make_enterprise, make_person, picture

FLOUR, GRAVEL, TOYS, SHOP = "甲面粉店（示例）", "甲石料厂（示例）", "园玩具厂（示例）", "丙小店（示例）"


async def issue_all(world: World) -> dict[str, str]:
    """Boards of every enterprise and of the grids that have somebody."""
    made = {name: await actions.issue(world.call, "enterprise", id_) for name, id_ in world.enterprises.items()}
    for name in ("甲村格", "园片", "丙村格", "东镇格"):
        made[name] = await actions.issue(world.call, "grid", world.grids[name])
    return made


async def stale(world: World) -> set[str]:
    """The names of what hangs untrue boards."""
    rows = await world.call.db.rows(
        "select coalesce(e.name, g.name) as name from board b left join enterprise e on e.id = b.enterprise "
        "left join grid g on g.id = b.grid where b.stale_since is not null"
    )
    return {row["name"] for row in rows}


@pytest.mark.clause("PB-1", "PB-2")
async def test_a_board_says_what_the_register_says_with_version_and_date(world: World) -> None:
    code = await actions.issue(world.call, "enterprise", world.enterprises[FLOUR])
    board = await queries.page(world.call.as_(PUBLIC), code)
    assert (board.version, board.issued_on, board.trial) == (1, world.call.today, True)
    facts = board.live
    assert facts == board.printed
    assert (facts["lead"]["name"], facts["lead"]["phone"]) == ("张看护", "0512-02000002")
    assert facts["place"] == "示例省示例区东镇甲村"
    assert facts["enterprise"] == {"name": FLOUR, "address": "示例路1号"}
    assert facts["supervision"] == {"name": "区局", "phone": "0512-01000001"}
    assert facts["sections"][1]["lines"][0]["says"] == "走遍本格"


async def test_a_new_version_leaves_the_old_one_as_it_was(world: World) -> None:
    code = await actions.issue(world.call, "enterprise", world.enterprises[FLOUR])
    await areas.change_unit(world.call, world.units["区局"], name="区局", phone="0512-01007777")
    assert await actions.issue(world.call, "enterprise", world.enterprises[FLOUR]) == code
    versions = await world.call.db.rows(
        "select number, facts->'supervision'->>'phone' as phone from board_version order by number"
    )
    assert [tuple(row) for row in versions] == [(1, "0512-01000001"), (2, "0512-01007777")]
    assert await stale(world) == set()


async def test_after_a_new_version_the_page_names_what_holds_no_more_until_the_old_is_gone(world: World) -> None:
    call, firm = world.call, world.enterprises[FLOUR]
    code = await actions.issue(call, "enterprise", firm)
    await areas.change_unit(call, world.units["区局"], name="区局", phone="0512-01007777")
    await actions.issue(call, "enterprise", firm)
    line = {"label": "监督电话", "printed": "区局 0512-01000001", "live": "区局 0512-01007777"}
    shown = await queries.page(call.as_(PUBLIC), code)
    assert (shown.changed, shown.told) == ([], [line])
    # Changed back, the old sheet is right and the new one is wrong
    await areas.change_unit(call, world.units["区局"], name="区局", phone="0512-01000001")
    shown = await queries.page(call.as_(PUBLIC), code)
    assert shown.told == [{"label": "监督电话", "printed": "区局 0512-01007777", "live": "区局 0512-01000001"}]
    await areas.change_unit(call, world.units["区局"], name="区局", phone="0512-01008888")
    await actions.issue(call, "enterprise", firm)
    shown = await queries.page(call.as_(PUBLIC), code)
    assert [one["printed"] for one in shown.told] == ["区局 0512-01007777", "区局 0512-01000001"]
    generation = call.portal.generation.current(code)
    await actions.confirm_hung(call, code)
    assert (await queries.page(call.as_(PUBLIC), code)).told == []
    assert call.portal.generation.current(code) != generation
    await actions.confirm_hung(call, code)
    verbs = [row["verb"] for row in await call.db.rows("select verb from ledger_entry where kind = 'board' order by id")]
    assert verbs == ["issued", "issued", "issued", "hung"]


async def test_no_page_shows_the_number_of_somebody_who_left(world: World) -> None:
    call, firm = world.call, world.enterprises[FLOUR]
    code = await actions.issue(call, "enterprise", firm)
    await people.end_person(call, world.people["张看护"], call.today)
    for successor in ("孙看护", ""):
        board = await queries.page(call.as_(PUBLIC), code)
        told = "".join(f"{one['printed']} {one['live']}" for one in board.told)
        assert ("张看护" in told, "0512-02000002" in told, "示例003" in told) == (True, False, False), told
        assert "原号码" in told
        if successor:
            await make_appointment(world, successor, "keeper", grid="甲村格", since=call.today)
            await actions.issue(call, "enterprise", firm)


@pytest.mark.parametrize(
    ("what", "expected"),
    [
        ("keeper phone", {FLOUR, "甲村格"}),
        ("patch keeper", {TOYS, "园片"}),
        ("town head", {FLOUR, GRAVEL, TOYS, "甲村格", "园片", "东镇格"}),
        ("station phone", {FLOUR, GRAVEL, TOYS, "甲村格", "园片", "东镇格"}),
        ("west station", {SHOP, "丙村格"}),
        ("bureau phone", {FLOUR, GRAVEL, TOYS, SHOP, "甲村格", "园片", "丙村格", "东镇格"}),
        ("grid name", set()),
        ("firm name", set()),
        ("firm moved", {FLOUR}),
        ("certificate", set()),
        ("gap filled", set()),
    ],
)
async def test_a_change_marks_exactly_the_boards_that_it_falsifies(world: World, what: str, expected: set[str]) -> None:
    await issue_all(world)
    call = world.call

    async def change_person(who: str, **values: str) -> None:
        row = await people_queries.person(call, world.people[who])
        form = people.PersonForm(
            name=row.name, phone=row.phone, jurisdiction=row.place_id, badge=row.badge, certificate=row.certificate
        )
        await people.change_person(call, world.people[who], replace(form, **values))

    async def change_firm(**values: str) -> None:
        form = enterprises.EnterpriseForm(name=FLOUR, division=world.places["甲村"], address="示例路1号")
        await enterprises.change_enterprise(call, world.enterprises[FLOUR], replace(form, **values))

    match what:
        case "keeper phone":
            await change_person("张看护", phone="0512-02009999")
        case "patch keeper":
            await change_person("周看护", badge="新编号")
        case "town head":
            await change_person("李格长", name="李改名")
        case "station phone":
            await areas.change_unit(call, world.units["东所"], name="东所", phone="0512-01009999")
        case "west station":
            await areas.change_unit(call, world.units["西所"], name="西镇所", phone="0512-01000004")
        case "bureau phone":
            await areas.change_unit(call, world.units["区局"], name="区局", phone="0512-01009999")
        case "grid name":
            await areas.change_grid(call, world.grids["甲村格"], name="甲村大格", area_note="")
            expected = {FLOUR, "甲村大格"}
        case "firm name":
            await change_firm(name="改名店（示例）")
            expected = {"改名店（示例）"}
        case "firm moved":
            await change_firm(division=world.places["丙村"])
        case "certificate":
            await change_person("吴执法", certificate="换证")
        case "gap filled":
            await make_person(world, "新来", portrait=picture())
            await make_appointment(world, "新来", "keeper", grid="丁村格")
    assert await stale(world) == expected


async def test_after_any_changes_the_live_facts_equal_facts_taken_afresh(world: World) -> None:
    """Random changes; then every board's kept live facts and difference are compared with those made from nothing."""
    boards = await issue_all(world)
    chance, call = random.Random(3), world.call
    for n in range(25):
        name = chance.choice(["张看护", "赵看护", "孙看护", "周看护", "李格长", "王格长"])
        row = await people_queries.person(call, world.people[name])
        match chance.randrange(5):
            case 0:
                form = people.PersonForm(name=row.name, phone=f"0512-0300{n:04d}", jurisdiction=row.place_id, badge=row.badge)
                await people.change_person(call, world.people[name], form)
            case 1:
                unit = chance.choice(["东所", "西所", "区局", "纪检"])
                await areas.change_unit(call, world.units[unit], name=unit, phone=f"0512-0400{n:04d}")
            case 2:
                firm = chance.choice([FLOUR, TOYS, SHOP])
                await enterprises.state_facts(
                    call, world.enterprises[firm], {"size": chance.choice(["big", "small"])}, call.today
                )
            case 3:
                for holding in await people_queries.holdings_of(call, row.id):
                    if holding.until is None:
                        await people.dismiss(call, holding.id, call.today)
            case 4:
                await areas.change_grid(call, world.grids["甲村格"], name=f"甲村{n}格", area_note="")
    for code in boards.values():
        board = await queries.page(call, code)
        row = await queries.board(call, code)
        subject = await queries.subject(call, row.of, row.subject_id)
        assert subject is not None
        (source,) = await queries.gather(call, [subject])
        fresh = compose(call.book.schemes[0], source)
        assert board.live == fresh
        assert list(board.changed) == difference(board.printed, fresh)


async def test_a_change_decided_for_a_later_day_shows_on_that_day(world: World) -> None:
    code = await actions.issue(world.call, "enterprise", world.enterprises[FLOUR])
    (holding,) = await people_queries.holdings_of(
        world.call, (await people_queries.person(world.call, world.people["张看护"])).id
    )
    await people.dismiss(world.call, holding.id, world.call.today + timedelta(days=4))
    assert (await queries.page(world.call, code)).live["lead"]["name"] == "张看护"
    later = Call(world.call.portal, world.call.viewer, world.call.now + timedelta(days=4))
    await handle_due(later)
    board = await queries.page(later, code)
    assert board.live["lead"]["name"] == "李格长"
    assert board.stale_since == later.today


async def test_boards_that_would_mislead_are_refused_with_what_to_do(world: World) -> None:
    await without_photo(world)
    with pytest.raises(Refused, match="无照还没有照片"):
        await actions.issue(world.call, "grid", world.grids["丁村格"])
    await areas.end_grid(world.call, world.grids["园片"], world.call.today)
    await areas.end_grid(world.call, world.grids["甲村格"], world.call.today)
    with pytest.raises(Refused, match="还没有纳入任何网格"):
        await actions.issue(world.call, "enterprise", world.enterprises[FLOUR])


@pytest.mark.clause("PB-8")
@pytest.mark.parametrize(("name", "missing"), [("张\U0001f9ff", "U+1F9FF"), ("𪚥\ue000", "U+E000"), ("王\U000323af", "U+323AF")])
async def test_a_character_that_no_font_has_is_named_and_the_board_refused(world: World, name: str, missing: str) -> None:
    await make_person(world, name, portrait=picture())
    await make_appointment(world, name, "keeper", grid="丁村格")
    with pytest.raises(Refused) as error:
        await actions.issue(world.call, "grid", world.grids["丁村格"])
    assert missing in error.value.text


@pytest.mark.clause("PB-8")
@pytest.mark.parametrize("name", ["𠮷田", "㛃𬭎", "阿卜杜拉·买买提江", "犇骉羴"])
async def test_rare_names_are_drawn_whole(world: World, name: str, tmp_path: Path) -> None:
    await make_person(world, name, portrait=picture())
    await make_appointment(world, name, "keeper", grid="丁村格")
    code = await actions.issue(world.call, "grid", world.grids["丁村格"])
    path = tmp_path / "board.pdf"
    path.write_bytes(await pdf(world.call, code, "A4"))
    said = subprocess.run(["pdftotext", "-raw", str(path), "-"], capture_output=True, text=True, check=True).stdout
    assert name in said.replace("\n", "")


def pages(data: bytes, dpi: int):
    """The pages as pictures."""
    return [page.render(scale=dpi / 72, grayscale=True).to_pil() for page in pypdfium2.PdfDocument(data)]


@pytest.mark.clause("PB-1", "PB-2")
@pytest.mark.parametrize(("size", "width", "height", "code_mm"), [("A3", 297, 420, 40), ("A4", 210, 297, 30)])
async def test_the_pdf_has_true_size_embedded_fonts_and_a_code_that_two_decoders_read(
    world: World, tmp_path: Path, size: str, width: int, height: int, code_mm: int
) -> None:
    code = await actions.issue(world.call, "enterprise", world.enterprises[GRAVEL])
    data = await pdf(world.call, code, size)
    address = f"{world.call.portal.settings.address}/b/{code}"
    document = pypdfium2.PdfDocument(data)
    assert len(document) == 1
    points = document[0].get_size()
    assert [round(side / 72 * 25.4, 1) for side in points] == [width, height]
    for dpi in (60, 100, 150):
        assert codes_in(data, dpi=dpi) == [address]
    (picture_,) = pages(data, 100)
    (found,) = pyzbar.decode(picture_, symbols=[pyzbar.ZBarSymbol.QRCODE])
    assert found.data.decode() == address
    assert found.rect.width / 100 * 25.4 >= code_mm
    path = tmp_path / "b.pdf"
    path.write_bytes(data)
    fonts = subprocess.run(["pdffonts", str(path)], capture_output=True, text=True, check=True).stdout.splitlines()[2:]
    assert fonts
    assert all(line.split()[-5] == "yes" for line in fonts)
    said = subprocess.run(["pdftotext", "-raw", str(path), "-"], capture_output=True, text=True, check=True).stdout
    for word in ("示例区公示牌", "李格长", GRAVEL, "区局", "0512-01000001", "12350", codes.grouped(code), "试印", "第 1 版"):
        assert word in said


async def test_a_revoked_board_is_not_printed_and_the_next_has_a_new_code(world: World) -> None:
    code = await actions.issue(world.call, "enterprise", world.enterprises[FLOUR])
    await actions.revoke(world.call, code, "换牌")
    with pytest.raises(Refused, match="作废"):
        await pdf(world.call, code, "A3")
    with pytest.raises(Refused, match="已经作废"):
        await actions.revoke(world.call, code, "再一次")
    assert await actions.issue(world.call, "enterprise", world.enterprises[FLOUR]) != code


async def test_boards_are_issued_and_revoked_by_their_own_office_only(world: World) -> None:
    code = await actions.issue(world.call, "enterprise", world.enterprises[FLOUR])
    west = world.call.as_(await world.office("西所"))
    for act in (
        actions.issue(west, "enterprise", world.enterprises[FLOUR]),
        actions.revoke(west, code, "x"),
        queries.board(west, code),
    ):
        with pytest.raises(NotVisible):
            await act
    assert [row.code for row in (await queries.boards(west, Wanted())).rows] == []


async def without_photo(world: World) -> None:
    """Somebody who cannot be printed."""
    await make_person(world, "无照", phone="0512-01231231")
    await make_appointment(world, "无照", "keeper", grid="丁村格")


async def test_a_batch_issues_what_is_missing_draws_and_lists_and_a_second_run_draws_nothing(
    world: World, tmp_path: Path
) -> None:
    await without_photo(world)
    targets = await queries.targets(world.call, region="sample")
    rows = [one async for one in batch.draw_all(world.call, targets, size="A4", out=tmp_path)]
    assert len(rows) == 11
    assert {one.target.name for one in rows if one.refused} == {"丁村格"}
    manifest = (tmp_path / "manifest.csv").read_text("utf-8-sig").splitlines()
    assert len(manifest) == 12
    for one in rows:
        if one.file:
            assert codes_in((tmp_path / one.file).read_bytes()) == [one.address]
    stamps = {path.name: path.stat().st_mtime_ns for path in tmp_path.glob("* v* A4.pdf")}
    again = [
        one
        async for one in batch.draw_all(world.call, await queries.targets(world.call, region="sample"), size="A4", out=tmp_path)
    ]
    assert {path.name: path.stat().st_mtime_ns for path in tmp_path.glob("* v* A4.pdf")} == stamps
    assert [one.row for one in again] == [one.row for one in rows]


async def test_files_bear_true_names_and_all_are_bound_in_the_order_in_which_one_walks(world: World, tmp_path: Path) -> None:
    odd = "示例“一/二”店: " + "很长" * 50
    for name, address in (("示例丙店", "示例路10号"), ("示例乙店", "示例路9号"), (odd, "示例路9号附2")):
        id_ = await make_enterprise(world, name, "甲村")
        await world.call.db.rows("update enterprise set address = $2 where public_id = $1", id_, address)
    all_ = await queries.targets(world.call, region="sample")
    places = [target.place for target in all_]
    assert places == sorted(places)
    (village,) = {target.place for target in all_ if target.name == odd}
    assert next(target for target in all_ if target.place == village).of == "grid"
    targets = [target for target in all_ if target.name in {"示例丙店", "示例乙店", odd}]
    rows = [
        one async for one in batch.draw_all(world.call, [*targets, replace(targets[0], id="0" * 20)], size="A4", out=tmp_path)
    ]
    *printed, refused = rows
    assert [one.target.name for one in printed] == ["示例乙店", odd, "示例丙店"]
    for one in printed:
        assert one.file.startswith(one.target.name[:4])
        assert one.code in one.file
        assert len(one.file.encode()) < 200
        assert not set('\\/:*?"<>|') & set(one.file)
    # Each sheet of a board bears its code
    assert list(dict.fromkeys(codes_in((tmp_path / "合订 A4.pdf").read_bytes()))) == [one.address for one in printed]
    with (tmp_path / "manifest.csv").open(encoding="utf-8-sig") as file:
        listed = list(csv.DictReader(file))
    assert [row["文件"] for row in listed] == [one.file for one in rows]
    assert listed[-1]["没有生成的原因"] == refused.refused != ""


async def test_a_damaged_file_and_a_changed_fact_are_drawn_again(world: World, tmp_path: Path) -> None:
    async def draw() -> list[batch.DrawnBoard]:
        targets = await queries.targets(world.call, region="sample", enterprise=FLOUR)
        return [one async for one in batch.draw_all(world.call, targets, size="A4", out=tmp_path)]

    (first,) = await draw()
    (tmp_path / first.file).write_bytes(b"%PDF broken")
    (second,) = await draw()
    assert second.version == 1
    assert codes_in((tmp_path / second.file).read_bytes()) == [second.address]
    await areas.change_unit(world.call, world.units["区局"], name="区局", phone="0512-01007777")
    (third,) = await draw()
    assert third.version == 2


async def test_a_batch_as_a_job_tells_how_far_it_is_and_packs_its_files(world: World) -> None:
    await without_photo(world)
    office = world.call.as_(replace(await world.office("西所"), account=await account(world)))

    with pytest.raises(Refused, match="没有找到要生成公示牌的"):
        await ask_batch(office, region="sample", grid="nowhere", size="A4")
    id_ = await ask_batch(office, region="sample", grid=None, size="A4")
    assert (await job(office, id_)).state == "waiting"
    await print_boards(world.call, id_)
    done = await job(office, id_)
    why = [["无照还没有照片。请先在人员页面上传照片，再签发。", 1]]
    assert (done.state, done.result) == ("done", {"printed": 3, "refused": 1, "why": why})
    # All of it is theirs who asked, in the worker too
    entries = await world.call.db.rows(
        "select actor, actor_name, verb from ledger_entry where verb in ('issued', 'printed') order by id"
    )
    assert {(row["actor"], row["actor_name"]) for row in entries} == {(office.viewer.account, office.viewer.name)}
    assert [row["verb"] for row in entries] == [*["issued"] * 3, "printed"]
    assert done.done == done.total == 4
    with zipfile.ZipFile(world.call.portal.settings.data / "jobs" / id_ / "boards.zip") as archive:
        names = archive.namelist()
        boards = [name for name in names if name.endswith(".pdf") and name != "合订 A4.pdf"]
        assert len(boards) == 3
        assert set(names) - set(boards) == {"合订 A4.pdf", "manifest.csv"}
        assert all(codes_in(archive.read(name)) for name in boards)
        assert len(set(codes_in(archive.read("合订 A4.pdf")))) == 3
    with pytest.raises(NotVisible):
        await job(world.call.as_(replace(await world.office("东所"), account=99)), id_)


async def account(world: World) -> int:
    """An account's internal id."""
    from portal.viewer import Role

    await world.account("west", Role.OFFICE, unit="西所")
    return int(await world.call.db.value("select id from account where login = 'west'"))


@pytest.mark.parametrize(
    "address",
    [
        "file:///etc/hostname",
        "http://127.0.0.1:1/x",
        "https://example.org/x.png",
        "//example.org/x",
        "ftp://x/y",
        "/etc/hostname",
        "portal.toml",
    ],
)
async def test_drawing_reads_no_file_and_no_network(workshop, address: str) -> None:
    from portal.workshop.pdf import draw

    markup = (
        f'<link rel=stylesheet href="{address}"><style>@import url("{address}"); body {{ background: url("{address}") }} '
        f'@font-face {{ font-family: x; src: url("{address}") }}</style><img src="{address}"><object data="{address}"></object>'
        f'<p style="font-family:x">字</p><a rel=attachment href="{address}">x</a>'
    )
    try:
        data = await workshop.do(draw, markup)
    except Refused as error:
        assert "无法绘制" in error.text
        return
    assert data.startswith(b"%PDF")
    assert b"root:" not in data
    assert len(pages(data, 20)) == 1
    assert b"/EmbeddedFile" not in data


async def test_drawing_that_takes_too_long_or_too_much_is_stopped_with_a_reason() -> None:
    from portal.workshop.pdf import draw
    from portal.workshop.pool import Workshop

    endless = "<table>" + "<tr><td>行</td></tr>" * 60_000 + "</table>"
    small = Workshop(workers=1, seconds=4)
    try:
        with pytest.raises(Refused, match="超过 4 秒"):
            await small.do(draw, endless)
        assert await small.do(len, "好") == 1
    finally:
        small.close()
    hungry = Workshop(workers=1, memory_mb=700, seconds=30)
    try:
        with pytest.raises(Refused, match="内存"):
            await hungry.do(greedy)
    finally:
        hungry.close()


def greedy() -> int:
    """Ask for far more memory than allowed."""
    return len(io.BytesIO(b"x" * 3_000_000_000).getvalue())


async def test_a_board_whose_enterprise_is_in_no_grid_says_so_and_goes_on_following(world: World) -> None:
    code = await actions.issue(world.call, "enterprise", world.enterprises[FLOUR])
    await areas.end_grid(world.call, world.grids["甲村格"], world.call.today)
    board = await queries.page(world.call, code)
    assert board.stale_since == world.call.today
    assert (board.live["lead"], board.live["grid"]["name"]) == (None, "不在任何网格内")
    await areas.change_unit(world.call, world.units["区局"], name="区局", phone="0512-01007777")
    assert (await queries.page(world.call, code)).live["supervision"]["phone"] == "0512-01007777"
    with pytest.raises(Refused, match="还没有纳入任何网格"):
        await actions.issue(world.call, "enterprise", world.enterprises[FLOUR])


async def test_the_board_of_a_dissolved_grid_says_so_and_is_not_issued_again(world: World) -> None:
    code = await actions.issue(world.call, "grid", world.grids["甲村格"])
    await areas.end_grid(world.call, world.grids["甲村格"], world.call.today)
    board = await queries.page(world.call, code)
    assert (board.stale_since, board.live["lead"]) == (world.call.today, None)
    with pytest.raises(Refused, match="已经撤销"):
        await actions.issue(world.call, "grid", world.grids["甲村格"])
    with pytest.raises(Refused, match="网格已经撤销"):
        await way(world.call, Kind.CONTACT, code)


@pytest.mark.clause("PB-5")
async def test_a_closed_enterprises_board_is_stale(world: World) -> None:
    code = await actions.issue(world.call, "enterprise", world.enterprises[FLOUR])
    await enterprises.end_enterprise(world.call, world.enterprises[FLOUR], world.call.today)
    assert (await queries.page(world.call, code)).stale_since == world.call.today


async def test_a_moved_enterprises_board_goes_to_its_new_office(world: World) -> None:
    code = await actions.issue(world.call, "enterprise", world.enterprises[FLOUR])
    form = enterprises.EnterpriseForm(name=FLOUR, division=world.places["丙村"], address="示例路1号")
    await enterprises.change_enterprise(world.call, world.enterprises[FLOUR], form)
    east, west = [world.call.as_(await world.office(unit)) for unit in ("东所", "西所")]
    assert (await queries.board(west, code)).code == code
    with pytest.raises(NotVisible):
        await queries.board(east, code)


async def test_a_renamed_village_is_told_on_boards_above_it(world: World) -> None:
    await areas.change_grid(world.call, world.grids["园片"], name="园片", area_note="", divisions=[world.places["甲村"]])
    code = await actions.issue(world.call, "grid", world.grids["园片"])
    await areas.rename_jurisdiction(world.call, world.places["甲村"], "新甲村")
    board = await queries.page(world.call, code)
    assert (board.live["grid"]["area"], board.stale_since) == ("新甲村", world.call.today)


async def test_two_changes_at_once_are_both_on_the_board(world: World) -> None:
    """The first is held open after it has looked at the register; the second must not write what it saw beside it."""
    code = await actions.issue(world.call, "enterprise", world.enterprises[FLOUR])
    row = await people_queries.person(world.call, world.people["张看护"])
    looked = asyncio.Event()

    async def linger(_: Call, event: Event) -> None:
        if event.kind == "person":
            looked.set()
            await asyncio.sleep(0.3)

    portal = world.call.portal
    call = replace(world.call, portal=replace(portal, listeners=(*portal.listeners, linger)))

    async def person() -> None:
        form = people.PersonForm(name=row.name, phone="0512-02008888", jurisdiction=row.place_id, badge=row.badge)
        await people.change_person(call, row.public_id, form)

    async def unit() -> None:
        await looked.wait()
        await areas.change_unit(call, world.units["区局"], name="区局", phone="0512-01007777")

    await asyncio.gather(asyncio.create_task(person()), asyncio.create_task(unit()))
    board = await queries.page(world.call, code)
    assert (board.live["lead"]["phone"], board.live["supervision"]["phone"]) == ("0512-02008888", "0512-01007777")
    assert [one["label"] for one in board.changed] == ["责任人联系电话", "本格人员：看护员", "监督电话"]
