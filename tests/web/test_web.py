"""What every answer keeps: headers, HEAD, odd paths, errors with an id, kept pages that are never stale."""

import asyncio
import gzip
import logging
import random
import re
from typing import Any

import pytest

from portal.areas.actions import change_unit
from portal.boards.actions import issue, revoke
from portal.viewer import Role
from tests.world import PASSWORD, World, picture

FLOUR = "甲面粉店（示例）"


@pytest.fixture
async def board(world: World) -> str:
    """The flour shop's board."""
    return await issue(world.call, "enterprise", world.enterprises[FLOUR])


@pytest.mark.parametrize("address", ["/", "/nowhere", "/sign-in", "/office", "/healthz", "/static/x/y"])
async def test_every_answer_bears_the_security_headers(site, address: str) -> None:
    headers = (await site().get(address)).response.headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    for name, value in (("x-content-type-options", "nosniff"), ("referrer-policy", "same-origin"), ("x-frame-options", "DENY")):
        assert headers[name] == value


@pytest.mark.parametrize("address", ["/", "/receipt", "/nowhere", "/healthz"])
async def test_head_is_get_without_a_body(site, address: str) -> None:
    visitor = site()
    got, head = await visitor.client.get(address), await visitor.client.head(address)
    assert (head.status_code, head.content) == (got.status_code, b"")


@pytest.mark.parametrize(
    "path",
    [
        "/%00",
        "/static/%00/x",
        "/b/%00",
        "/b/x%00y/photo/z",
        "/..%2f..%2fetc/passwd",
        "/static/../../portal.toml",
        "/%ff%fe",
        "/\\..\\x",
        "/" + "a" * 3000,
        "/b/" + "%E5%AD%97" * 40,
        "/schemes/%2e%2e",
        "/office%00",
        "//evil.example/x",
    ],
)
async def test_odd_paths_are_simply_not_there(site, path: str) -> None:
    answer = await site().client.get(path)
    assert answer.status_code in (400, 404)
    assert "root:" not in answer.text


async def test_errors_of_ours_show_an_id_and_a_number_and_nothing_else(portal, clock, caplog) -> None:
    import httpx
    from litestar import get

    from portal.app import create_app
    from portal.web.requests import GivenCall

    @get("/broken")
    async def broken(call: GivenCall) -> str:
        raise RuntimeError("secret detail of " + str(call.today))

    app = create_app(portal.settings, plugins=portal.plugins, clock=clock, portal=portal, doors=[broken])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://portal.example") as client:
        with caplog.at_level(logging.ERROR, logger="portal"):
            answer = await client.get("/broken")
    assert answer.status_code == 500
    assert "secret" not in answer.text
    mark = re.search(r"故障编号 <b>(\w+)</b>", answer.text)
    assert mark is not None
    assert mark.group(1) in caplog.text
    assert "tel:12345" in answer.text


async def test_a_token_that_is_old_says_so_and_nothing_was_done(site, world: World, board: str) -> None:
    visitor = site()
    page = await visitor.post("/receipt", {"receipt": "1" * 16, "_token": "old"})
    assert (page.status, "请再按一次" in page.text) == (403, True)
    page = await visitor.post(
        "/send", {"text": "x", "board": board, "kind": "report", "form": "a" * 20, "go": "send", "_token": "old"}
    )
    assert ("请再按一次" in page.text, page.form("/send")["text"]) == (True, "x")
    assert await world.call.db.value("select count(*) from feedback_case") == 0


async def test_a_body_that_is_too_large_is_refused_with_the_limit(site) -> None:
    visitor = site()
    form = (await visitor.get("/receipt")).form("/receipt")
    answer = await visitor.post("/receipt", form | {"receipt": "1" * 2_000_000})
    assert answer.status == 413
    assert "超过 1 MB" in answer.text


async def test_static_files_are_kept_for_ever_under_their_hash(site) -> None:
    visitor = site()
    page = await visitor.get("/")
    (sheet,) = [one.get("href", "") for one in page.all("link", rel="stylesheet") if one.get("href", "").endswith("portal.css")]
    answer = await visitor.client.get(sheet)
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-encoding"] == "gzip"
    assert (await visitor.client.get(sheet.replace("portal.css", "tokens.css"))).status_code == 404
    assert (await visitor.client.get(re.sub(r"/static/\w+/", "/static/0/", sheet))).status_code == 404


async def test_pages_of_people_are_never_kept_by_a_cache(site, world: World) -> None:
    await world.account("east", Role.OFFICE, unit="东所")
    visitor = site()
    await visitor.sign_in("east", PASSWORD)
    for address in ("/office", "/account", "/receipt", "/sign-in"):
        assert (await visitor.get(address)).response.headers["cache-control"] == "no-store"


# Signing in over HTTP


async def test_signing_in_sets_a_fresh_cookie_out_of_reach_of_scripts(site, world: World) -> None:
    await world.account("east", Role.OFFICE, unit="东所")
    visitor = site()
    visitor.client.cookies.set("portal-session", "attacker-chosen-value")
    done = await visitor.sign_in("east", PASSWORD)
    cookies = done.response.headers.get_list("set-cookie")
    (session,) = [one for one in cookies if one.startswith("portal-session=")]
    assert "attacker" not in session
    assert "HttpOnly" in session
    assert "samesite=lax" in session.lower()


async def test_cookies_are_bound_to_the_host_where_visitors_come_by_https(
    database, sample_plugins, workshop, tmp_path, clock
) -> None:
    from portal.settings import Settings
    from tests.browse import visiting
    from tests.conftest import empty, running

    settings = Settings(data=tmp_path, plugins=("sample",), public_url="https://aq.example")
    portal = await running(database, settings, sample_plugins, workshop)
    async with visiting(portal, clock) as site:
        answer = await site().get("/sign-in")
        (cookie,) = answer.response.headers.get_list("set-cookie")
        assert cookie.startswith("__Host-portal-form=")
        assert "Secure" in cookie
        assert answer.response.headers["strict-transport-security"]
    await empty(database)


@pytest.mark.parametrize(
    ("target", "lands"),
    [
        ("/office/people", "/office/people"),
        ("https://evil.example", "/welcome"),
        ("//evil.example", "/welcome"),
        ("/\\evil", "/welcome"),
        ("", "/welcome"),
    ],
)
async def test_one_lands_where_one_wanted_inside_the_site_only(site, world: World, target: str, lands: str) -> None:
    await world.account("east", Role.OFFICE, unit="东所")
    visitor = site()
    page = await visitor.client.get("/sign-in", params={"next": target})
    form = visitor._page(page, check=True).form("/sign-in")
    done = await visitor.post("/sign-in", form | {"login": "east", "password": PASSWORD})
    assert done.response.headers["location"] == lands


async def test_a_wrong_password_keeps_the_name_and_says_nothing_more(site, world: World) -> None:
    await world.account("east", Role.OFFICE, unit="东所")
    page = await site().sign_in("east", "wrong wrong wrong")
    assert page.status == 422
    assert "登录名或密码不对。" in page.text
    assert page.form("/sign-in")["login"] == "east"
    assert page.form("/sign-in")["password"] == ""


async def test_a_first_password_must_be_changed_before_anything_else(site, world: World) -> None:
    await world.account("east", Role.OFFICE, unit="东所")
    await world.call.db.rows("update account set must_change = true")
    visitor = site()
    account = await visitor.follow(await visitor.sign_in("east", PASSWORD))
    assert "请先换成只有您知道的密码" in account.text
    assert (await visitor.get("/office")).response.headers["location"].startswith("/account")
    weak = await visitor.send(account, {"old": PASSWORD, "new": "123"}, action="/account/password")
    assert weak.status == 422
    done = await visitor.send(account, {"old": PASSWORD, "new": "six grey ferries home"}, action="/account/password")
    assert done.status == 303
    assert (await visitor.get("/office")).status == 200


async def test_signing_out_ends_the_session(site, world: World) -> None:
    await world.account("east", Role.OFFICE, unit="东所")
    visitor = site()
    await visitor.sign_in("east", PASSWORD)
    cookie = visitor.client.cookies["portal-session"]
    out = await visitor.send(await visitor.get("/office"), {}, action="/sign-out")
    assert out.response.headers["clear-site-data"] == '"cache"'
    visitor.client.cookies.set("portal-session", cookie)
    assert (await visitor.get("/office")).status == 303


# Kept pages


async def test_a_kept_page_is_never_older_than_an_acknowledged_write(site, world: World, board: str) -> None:
    visitor = site()
    for n in range(20):
        await change_unit(world.call, world.units["区局"], name="区局", phone=f"0512-0100{n:04d}")
        page = await visitor.get(f"/b/{board}")
        assert f"0512-0100{n:04d}" in page.text
        assert (await visitor.get(f"/b/{board}")).response.content == page.response.content


async def test_readers_during_writes_never_see_less_than_was_acknowledged(site, world: World, board: str) -> None:
    acknowledged = 0

    async def write() -> None:
        nonlocal acknowledged
        for n in range(1, 30):
            await change_unit(world.call, world.units["区局"], name="区局", phone=f"0512-0100{n:04d}")
            acknowledged = n

    async def read() -> None:
        visitor = site()
        while acknowledged < 29:
            least = acknowledged
            text = (await visitor.client.get(f"/b/{board}")).text
            shown = int(re.search(r"tel:05120100(\d{4})", text).group(1)) if least else 0
            assert shown >= least
            await asyncio.sleep(0)

    await asyncio.gather(write(), read(), read())


async def test_a_kept_page_knows_not_modified_packed_and_revoked(site, world: World, board: str) -> None:
    visitor = site()
    first = await visitor.client.get(f"/b/{board}", headers={"accept-encoding": "identity"})
    mark = first.headers["etag"]
    same = await visitor.client.get(f"/b/{board}", headers={"if-none-match": mark})
    assert (same.status_code, same.content) == (304, b"")
    packed = await visitor.client.get(f"/b/{board}", headers={"accept-encoding": "gzip"})
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.content == first.content
    assert len(gzip.compress(first.content)) < 10_000
    head = await visitor.client.head(f"/b/{board}")
    assert (head.status_code, head.content) == (200, b"")
    await revoke(world.call, board, "x")
    assert (await visitor.get(f"/b/{board}")).status == 410


async def test_a_signed_in_visitor_gets_the_page_that_everybody_gets(site, world: World, board: str) -> None:
    await world.account("east", Role.OFFICE, unit="东所")
    office, public = site(), site()
    await office.sign_in("east", PASSWORD)
    assert (await office.get(f"/b/{board}")).response.content == (await public.get(f"/b/{board}")).response.content


async def test_a_board_page_costs_one_statement(site, world: World, board: str) -> None:
    asked: list[str] = []
    rows = world.call.db.rows

    async def counting(sql: str, *args: object):
        asked.append(sql)
        return await rows(sql, *args)

    world.call.db.rows = counting
    try:
        await site().get(f"/b/{board}")
    finally:
        del world.call.db.rows
    assert len(asked) == 1


# Broken uploads: a thousand here, nine thousand more in ``make drill``


async def test_mutated_uploads_never_break_us_and_nothing_but_pictures_is_stored(site, world: World, board: str) -> None:
    await mutated_uploads(site, world, board, 0)


async def mutated_uploads(site: Any, world: World, board: str, seed: int) -> None:
    """A thousand uploads, each broken somewhere."""
    chance = random.Random(seed)
    visitor = site()
    form = (await visitor.door(board, "report")).form("/send")
    good = [picture("#246", (40, 30), kind) for kind in ("PNG", "JPEG", "WEBP")]
    counts: dict[int, int] = {}
    for n in range(1_000):
        data = bytearray(chance.choice(good))
        for _ in range(chance.randrange(0, 12)):
            match chance.randrange(4):
                case 0 if data:
                    data[chance.randrange(len(data))] = chance.randrange(256)
                case 1:
                    del data[chance.randrange(len(data) + 1) :]
                case 2:
                    data[:0] = chance.randbytes(chance.randrange(8))
                case _:
                    data += chance.randbytes(chance.randrange(60))
        values = form | {"form": f"{n:020d}", "text": "x", "go": chance.choice(["reach", "check", "send", "tell", "??", ""])}
        boundary = "b0undary"
        body = b"".join(
            f'--{boundary}\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n'.encode() for k, v in values.items()
        )
        name = chance.choice(["a.jpg", "../a.jpg", "图.png", "a\x00b", "x" * 300, "con", 'q"q', "\u202egpj.exe"])
        body += f'--{boundary}\r\nContent-Disposition: form-data; name="photos"; filename="{name}"\r\nContent-Type: image/png\r\n\r\n'.encode()
        body += bytes(data) + f"\r\n--{boundary}--\r\n".encode()
        if chance.random() < 0.4:
            mutated = bytearray(body)
            for _ in range(chance.randrange(1, 6)):
                mutated[chance.randrange(len(mutated))] = chance.randrange(256)
            body = bytes(mutated[: chance.randrange(len(mutated)) if chance.random() < 0.3 else None])
        kind = chance.choice(
            [f"multipart/form-data; boundary={boundary}"] * 8 + ["multipart/form-data", "text/plain", "application/json"]
        )
        answer = await visitor.client.post("/send", content=body, headers={"content-type": kind})
        counts[answer.status_code] = counts.get(answer.status_code, 0) + 1
        assert answer.status_code < 500, answer.text
    assert set(counts) <= {200, 303, 400, 403, 404, 413, 422}
    assert counts[303] > 20
    rows = await world.call.db.rows("select public_id, thumb, form from feedback_draft_photo")
    for path in world.call.portal.files.root.rglob("*"):
        if path.is_file():
            assert await world.call.db.value("select kind from stored_file where name = $1", path.name) in (
                "portrait",
                "draft",
                "case",
            )
    assert len(rows) <= 1_000


@pytest.mark.parametrize("address", ["/receipt", "/receipt/add", "/sign-in", "/door", "/send"])
async def test_mutated_forms_never_break_us(site, board: str, address: str) -> None:
    chance = random.Random(address)
    visitor = site()
    token = (await visitor.get("/receipt")).form("/receipt")["_token"]
    fields = ["text", "contact", "board", "form", "receipt", "go", "drop", "login", "password", "next", "_token", "photos", ""]
    values = [
        token,
        board,
        "a" * 20,
        "1234567890123456",
        "",
        "\x00",
        "\ud7ff",
        "%00",
        "字" * 3000,
        "<b>",
        "{{x}}",
        "send",
        "-1",
        "1e9",
        "../x",
    ]
    for _ in range(300):
        pairs = [(chance.choice(fields), chance.choice(values)) for _ in range(chance.randrange(12))] + [("_token", token)]
        chance.shuffle(pairs)
        body = "&".join(f"{name}={chance.choice((value, chance.randbytes(9).hex()))}" for name, value in pairs).encode(
            chance.choice(("utf-8", "gb18030"))
        )
        if chance.random() < 0.3:
            body = body[: chance.randrange(len(body) + 1)] + chance.randbytes(chance.randrange(20))
        answer = await visitor.client.post(address, content=body, headers={"content-type": "application/x-www-form-urlencoded"})
        assert answer.status_code < 500, answer.text


@pytest.mark.parametrize(
    "address",
    [
        "/office/people?q=%00",
        "/office/people?in=%00",
        "/office/people?after=%00~x",
        "/office/units?kind=%00",
        "/office/grids?tier=%00",
        "/office/enterprises?klass=%00",
        "/office/people/new?in=%00",
        "/office/appointments/new?kind=grid&seat=%00&post=x",
        "/office/people?after=%ed%a0%80~x",
        "/office/jurisdictions?after=%F0%9F%98%80",
        "/office/cases?kind=%00",
    ],
)
async def test_odd_questions_to_lists_are_answered(site, world: World, address: str) -> None:
    await world.account("adm", Role.ADMINISTRATOR)
    visitor = site()
    await visitor.sign_in("adm", PASSWORD)
    assert (await visitor.client.get(address)).status_code < 500


@pytest.mark.parametrize("origin", ["http://[", "null", "http://evil.example", "//"])
async def test_an_odd_origin_is_a_foreign_one(site, origin: str) -> None:
    assert (await site().client.post("/send", data={"a": "b"}, headers={"origin": origin})).status_code == 403


async def test_a_page_is_kept_under_the_code_that_is_printed_only(site, board: str) -> None:
    visitor = site()
    for n in range(5):
        assert (await visitor.client.get("/b/" + "-" * n + board)).status_code == 200
    assert list(site.app.outer._kept) == [f"/b/{board}"]


async def test_the_tick_goes_on_whatever_happens_in_it(portal, clock, monkeypatch: pytest.MonkeyPatch) -> None:
    from portal import app

    async def broken(_: object) -> None:
        raise KeyError("tier")

    monkeypatch.setattr(app, "handle_due", broken)
    ticking = asyncio.create_task(app._tick(portal, clock))
    await asyncio.sleep(0.05)
    assert not ticking.done()
    ticking.cancel()
