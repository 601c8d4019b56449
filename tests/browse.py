"""A visitor that checks every page it opens: valid HTML, one h1, labels, unique ids, tokens, live links, no raw codes."""

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from xml.etree.ElementTree import Element

import html5lib
import httpx
import pyotp
from litestar import Litestar

from portal.app import create_app
from portal.call import Portal
from portal.web.requests import Patience

NS = "{http://www.w3.org/1999/xhtml}"
RAW = re.compile(
    r"\b(?:[a-z]+_[a-z_]+|None|True|False|received|accepted|answered|refused|closed|placed|village|enterprise|inspector)\b|\{\{|\}\}"
)
SHOWN = {"title", "script", "style"}
# What we number clauses by: for whoever asks for it
CODE = re.compile(r"(?<![\w-])[A-Z]{2}-\d+[\w.]*")
ONWARD = re.compile(r"/form/|/receipt/case$")


# The routes of sites that nobody visits any more
IDLE: list[Litestar] = []


@dataclass
class Page:
    """An answer, and its markup where it is a page."""

    response: httpx.Response
    root: Element | None = None
    typed: bool = False

    @property
    def status(self) -> int:
        """The status."""
        return self.response.status_code

    @property
    def text(self) -> str:
        """What one reads on the page."""
        return "" if self.root is None else words(self.root)

    def all(self, tag: str, **attributes: str) -> list[Element]:
        """The elements of a tag with these attributes."""
        found = [] if self.root is None else list(self.root.iter(NS + tag))
        return [
            one
            for one in found
            if all(one.get(name.rstrip("_").replace("_", "-")) == value for name, value in attributes.items())
        ]

    def links(self) -> list[str]:
        """Where the page's links lead, inside the site."""
        return [one.get("href", "") for one in self.all("a") if one.get("href", "").startswith("/")]

    def form(self, action: str | None = None) -> dict[str, Any]:
        """The values that a form would send as it stands, by name; the first form with that action."""
        for form in self.all("form"):
            if action is None or form.get("action") == action:
                return form_values(form)
        raise AssertionError(f"no form for {action}: {[form.get('action') for form in self.all('form')]}")


def form_values(form: Element) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for one in form.iter():
        name = one.get("name")
        if name is None:
            continue
        match one.tag.removeprefix(NS):
            case "input" if one.get("type") in ("checkbox", "radio"):
                if one.get("checked") is not None:
                    values.setdefault(name, []).append(one.get("value", "on"))
            case "input" if one.get("type") not in ("file", "submit"):
                values[name] = one.get("value", "")
            case "textarea":
                values[name] = one.text or ""
            case "select":
                options = list(one.iter(NS + "option"))
                chosen = [option for option in options if option.get("selected") is not None] or options[:1]
                value = chosen[0].get("value") if chosen else ""
                values[name] = value if value is not None else chosen[0].text or ""
    return values


def words(root: Element, *, without: str = "") -> str:
    """The text that a reader sees, ``without`` what is of a class."""
    parts: list[str] = []

    def walk(one: Element) -> None:
        if one.tag.removeprefix(NS) in SHOWN or (without and one.get("class") == without):
            return
        if one.text:
            parts.append(one.text)
        for child in one:
            walk(child)
            if child.tail:
                parts.append(child.tail)

    walk(root)
    return re.sub(r"\s+", " ", " ".join(parts))


@dataclass
class Visitor:
    """Somebody with a browser: keeps cookies, sends forms as browsers do, checks each page."""

    client: httpx.AsyncClient
    app: Litestar
    clock: Any
    typed: bool = False

    async def get(self, address: str, *, headers: Mapping[str, str] | None = None, check: bool = True) -> Page:
        """Open a page."""
        return self._page(await self.client.get(address, headers=dict(headers or {})), check=check)

    async def post(
        self,
        address: str,
        values: Mapping[str, Any],
        *,
        files: Any = None,
        headers: Mapping[str, str] | None = None,
        check: bool = True,
    ) -> Page:
        """Send a form. On to a step of a public form, or to what a receipt has opened, one is sent as a browser goes there."""
        data = {name: value for name, value in values.items() if value is not None}
        response = await self.client.post(address, data=data, files=files, headers=dict(headers or {}))
        if response.status_code == 307:
            response = await self.client.post(response.headers["location"], data=data, headers=dict(headers or {}))
        if response.status_code == 303 and ONWARD.match(response.headers["location"]):
            response = await self.client.get(response.headers["location"])
        self.typed |= any(RAW.search(str(value)) for name, value in data.items() if name in ("text", "contact", "name"))
        return self._page(response, check=check)

    async def follow(self, page: Page) -> Page:
        """Go where a page sends its reader."""
        assert page.status in (302, 303), (page.status, page.text[:300])
        return await self.get(page.response.headers["location"])

    async def send(
        self, page: Page, values: Mapping[str, Any], *, action: str | None = None, files: Any = None, check: bool = True
    ) -> Page:
        """Fill the page's form and send it."""
        given = page.form(action)
        forms = [form for form in page.all("form") if action is None or form.get("action") == action]
        return await self.post(forms[0].get("action", ""), {**given, **values}, files=files, check=check)

    async def door(self, board: str, kind: str) -> Page:
        """Press one of a board's three buttons."""
        return await self.post("/door", {"board": board, "kind": kind})

    async def sign_in(self, login: str, password: str) -> Page:
        """Come in by the front door; who must show a second factor sets it up on the way."""
        done = await self.send(await self.get("/sign-in"), {"login": login, "password": password}, action="/sign-in")
        if done.status == 303 and (second := await self.get("/second", check=False)).status == 200:
            offered = second.all("span", class_="code")
            if not offered:
                return second
            secret = re.sub(r"[^A-Z2-7]", "", offered[0].text or "")
            return await self.send(second, {"code": pyotp.TOTP(secret).at(self.clock())}, action="/second")
        return done

    def _page(self, response: httpx.Response, *, check: bool) -> Page:
        # What is away for a while is no mistake of ours, where a test expects it
        assert response.status_code < 500 or (response.status_code == 503 and not check), response.text[:2000]
        if not response.headers.get("content-type", "").startswith("text/html") or not response.text:
            return Page(response)
        part = not response.text.lstrip().lower().startswith("<!doctype")
        parser = html5lib.HTMLParser(strict=check)
        root = parser.parseFragment(response.text) if part else parser.parse(response.text)
        page = Page(response, root, self.typed)
        if check and not part:
            lint(page, self.app)
        return page


def lint(page: Page, app: Litestar) -> None:
    """What must hold on every page."""
    where = str(page.response.url)
    (html,) = page.all("html") or [page.root]
    assert html is not None
    assert html.get("lang") == "zh-CN", where
    headings = [words(one).strip() for one in page.all("h1")]
    assert len(headings) == 1, (where, headings)
    (title,) = page.all("title")
    assert (title.text or "").strip(" ·"), where
    ids = [one.get("id") for one in page.root.iter() if one.get("id")]
    assert len(ids) == len(set(ids)), (where, ids)
    labels = {one.get("for") for one in page.all("label")}
    inside = {id(child) for label in page.all("label") for child in label.iter()}
    for tag in ("input", "select", "textarea"):
        for one in page.all(tag):
            if one.get("type") not in ("hidden", "submit"):
                assert one.get("id") in labels or id(one) in inside, (where, one.attrib)
    for one in page.all("img"):
        assert one.get("alt") is not None, (where, one.attrib)
    for form in page.all("form"):
        assert form.get("action"), where
        if form.get("method") == "post" and form.get("action") != "/door":
            assert form_values(form).get("_token"), (where, form.get("action"))
    for one in page.root.iter():
        target = one.get("hx-target")
        assert target is None or target.removeprefix("#") in ids, (where, target)
        assert not [name for name in one.attrib if name.startswith("on") or name == "style"], (where, one.attrib)
        fragment = one.get("href", "")
        assert not fragment.startswith("#") or fragment[1:] in ids, (where, fragment)
    for address in page.links():
        assert known(app, address.partition("?")[0].partition("#")[0]), (where, address)
    raw = None if page.typed else RAW.search(page.text)
    assert raw is None, (where, raw, page.text[max(0, raw.start() - 60) : raw.end() + 60])
    if not page.typed and "codes=yes" not in where:
        assert page.root is not None
        assert (code := CODE.search(words(page.root, without="codes"))) is None, (where, code)


def known(app: Litestar, path: str) -> bool:
    """Whether the site has such an address."""
    for route in app.routes:
        pattern = "^" + re.sub(r"\{[^}]+:path\}", ".+", re.sub(r"\{[^}]+:str\}", "[^/]+", route.path)) + "$"
        if re.match(pattern, path):
            return True
    return False


@asynccontextmanager
async def visiting(portal: Portal, clock: Any, **how: Any) -> AsyncIterator[Any]:
    """The running site; call what it yields to get another visitor with cookies of their own."""
    usual = not how
    # A third of a second for 385 routes, and most tests visit
    kept = IDLE.pop() if usual and IDLE else None
    how = {"patience": Patience(seconds=0), **how}
    app = create_app(portal.settings, plugins=portal.plugins, clock=clock, portal=portal, app=kept, **how)
    litestar: Litestar = app.litestar
    clients: list[httpx.AsyncClient] = []

    def visitor(address: str = "10.0.0.1") -> Visitor:
        transport = httpx.ASGITransport(app=app, client=(address, 1), raise_app_exceptions=True)
        client = httpx.AsyncClient(transport=transport, base_url="http://portal.example", timeout=60)
        clients.append(client)
        return Visitor(client, litestar, clock)

    visitor.app = app
    visitor.litestar = litestar
    try:
        yield visitor
    finally:
        for client in clients:
            await client.aclose()
        if usual:
            IDLE.append(litestar)
