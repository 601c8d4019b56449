"""What a plugin does while the portal runs stays its own: errors, silence, odd results, other plugins' regions, our objects."""

import asyncio
import itertools
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import FrozenInstanceError, replace
from pathlib import Path

import pytest

from portal.app import create_app, routes_of
from portal.areas.actions import GridForm, add_grid
from portal.boards.actions import issue
from portal.boards.printing import environment, pdf
from portal.call import Call, Portal
from portal.errors import PluginError, Refused
from portal.hookspecs import Plugin, hookimpl
from portal.imports import batches
from portal.plugins import assemble, load
from portal.scheme import national
from portal.scheme.words import Region
from portal.templating import Templates
from portal.viewer import SYSTEM
from portal.web.static_files import StaticFiles
from portal.web.templates import environment as pages
from portal.workshop.sheets import written_csv
from tests import sample_region
from tests.browse import visiting
from tests.sample_region.scheme import SAMPLE
from tests.world import World

FLOUR = "甲面粉店（示例）"


class Sound(Plugin):
    """The sample region; what its hooks do is given."""

    def __init__(self, *, code: Callable[[], object] = lambda: "X1", rows: Callable[..., object] = lambda _: None) -> None:
        self.code, self.rows, self.asked = code, rows, 0

    def portal_regions(self):
        return (SAMPLE,)

    def portal_grid_code(self, region, tier, division, number):
        self.asked += 1
        return self.code()

    def portal_import_rows(self, region, rows):
        self.asked += 1
        return self.rows(rows)


def with_plugin(call: Call, plugin: Plugin, *, seconds: float = 20, name: str = "culprit") -> Call:
    return replace(call, portal=replace(call.portal, plugins=assemble({name: plugin}, seconds=seconds)))


def raises():
    raise ValueError("so nicht")


def hangs():
    threading.Event().wait()


def ends():
    sys.exit(3)


async def new_grid(call: Call, world: World) -> str:
    form = GridForm(tier="patch", name="新片", jurisdiction=world.places["东镇"], since=call.today, parent=world.grids["东镇格"])
    return await add_grid(call, form)


# What a hook gives


@pytest.mark.parametrize(
    ("code", "why"),
    [
        (raises, "“culprit”给网格编号时出错：so nicht"),
        (ends, "“culprit”给网格编号时出错：3"),
        (lambda: 7, "结果不对（int）"),
        (lambda: b"x", "结果不对（bytes）"),
        (lambda: " ", "结果不对"),
        (lambda: "x" * 1_000_000, "结果不对"),
        (lambda: "a\nb", "结果不对"),
        (lambda: type("Sly", (str,), {})("P1"), "结果不对（Sly）"),
    ],
)
async def test_a_hook_that_fails_is_named_and_nothing_is_half_written(world: World, code, why: str) -> None:
    before = (
        await world.call.db.value("select count(*) from grid"),
        await world.call.db.value("select count(*) from ledger_entry"),
    )
    call = with_plugin(world.call, Sound(code=code))
    with pytest.raises(Refused) as refused:
        await new_grid(call, world)
    assert why in refused.value.text
    assert "“culprit”" in refused.value.text
    assert "什么也没有改动" in refused.value.text
    assert (
        await world.call.db.value("select count(*) from grid"),
        await world.call.db.value("select count(*) from ledger_entry"),
    ) == before


ROW = {"#": "1", "name": "新员", "phone": "0512-01234567", "place": "东镇"}


@pytest.mark.parametrize(
    "made",
    [
        7,
        [ROW],
        {"people": ROW},
        {"nobody": [ROW]},
        {"people": [[1]]},
        {"people": [{"name": "x"}]},
        {"people": [{**ROW, "#": "0"}]},
        {"people": [{**ROW, "#": "x"}]},
        {"people": [{**ROW, "#": "99999"}]},
        {"people": [{**ROW, "@": "99999"}]},
        {"people": [{**ROW, "@name": "-1"}]},
        {"people": [{**ROW, "name": 7}]},
        {"people": [{**ROW, 7: "x"}]},
        {"people": [{**ROW, "name": "x" * 60_000_000}]},
        {"people": (one for one in [ROW])},
    ],
    ids=lambda made: repr(made)[:40],
)
async def test_rows_that_are_none_are_refused_naming_the_plugin(world: World, made) -> None:
    call = with_plugin(world.call, Sound(rows=lambda _: made))
    with pytest.raises(Refused, match="“culprit”读这张表时给出的结果不对"):
        await batches.bring(call, kind="own", region="sample", data=written_csv(["甲"], [["1"]]))
    assert await call.db.value("select count(*) from import_batch") == 0


async def test_sound_rows_are_taken_and_a_sheet_that_nobody_knows_is_refused(world: World) -> None:
    data = written_csv(["甲"], [["1"]])
    assert await batches.bring(
        with_plugin(world.call, Sound(rows=lambda _: {"people": [ROW]})), kind="own", region="sample", data=data
    )
    with pytest.raises(Refused, match="不认识这张表"):
        await batches.bring(with_plugin(world.call, Sound()), kind="own", region="sample", data=data)


# What a hook that never comes back costs


async def test_a_hook_that_hangs_keeps_nobody_waiting_and_is_asked_once(world: World, clock) -> None:
    free = threading.Event()
    plugin = Sound(code=lambda: "X1" if free.wait() else "")
    call = with_plugin(world.call, plugin, seconds=1.5)
    board = await issue(world.call, "enterprise", world.enterprises[FLOUR])
    pages = 0
    async with visiting(call.portal, clock) as site:
        visitor = site()
        await visitor.get(f"/b/{board}")
        waiting = asyncio.create_task(new_grid(call, world))
        await asyncio.sleep(0.05)
        while not waiting.done():
            assert (await visitor.get("/privacy", check=False)).status == 200
            pages += 1
        with pytest.raises(Refused, match="“culprit”给网格编号时 1.5 秒没有答复.*它答复以前不再问它"):
            await waiting
    assert pages > 0
    threads = threading.active_count()
    for _ in range(50):
        with pytest.raises(Refused, match="“culprit”给网格编号时 1.5 秒没有答复"):
            await new_grid(call, world)
    assert threading.active_count() == threads
    assert plugin.asked == 1
    # A late answer counts for nothing, but shows that it answers
    free.set()
    await asyncio.sleep(0.1)
    assert await new_grid(call, world)
    assert plugin.asked == 2


async def test_many_who_ask_at_once_get_few_threads(world: World) -> None:
    plugin = Sound(code=hangs)
    plugins = with_plugin(world.call, plugin, seconds=0.5).portal.plugins
    said = await asyncio.gather(
        *(plugins.grid_code(region="sample", tier="patch", division="1", number=1) for _ in range(100)), return_exceptions=True
    )
    assert all(isinstance(one, Refused) for one in said)
    assert plugin.asked == 4
    assert sum("正忙" in str(one) for one in said) == 96


def test_what_hangs_keeps_no_process_from_ending() -> None:
    source = """
import threading
from portal.containment import TooSlowError, within
try:
    within(0.2, threading.Event().wait)
except TooSlowError:
    print("told")
"""
    done = subprocess.run([sys.executable, "-c", source], check=True, capture_output=True, text=True, timeout=30)
    assert done.stdout == "told\n"


# Who is asked, in whatever order


OTHER = replace(
    SAMPLE,
    code="other",
    name="别区",
    editions=tuple(replace(edition, code=f"other-{edition.code}") for edition in SAMPLE.editions),
)


class Meddler(Plugin):
    """States nothing, or a region of its own, and answers for everybody's, as loudly as it can."""

    def __init__(self, name: str, *regions: Region) -> None:
        self.name, self.regions = name, regions

    def portal_regions(self):
        return self.regions

    def portal_grid_code(self, region, tier, division, number):
        return f"{self.name}-{number}"

    def portal_import_rows(self, region, rows):
        return {"people": [{"#": "1", "name": self.name}]}

    @hookimpl(specname="portal_grid_code", wrapper=True, tryfirst=True)
    def intercept(self):
        yield
        return f"{self.name} took over"


async def test_no_order_changes_what_comes_out_of_any_hook() -> None:
    plugins = {
        "one": Sound(code=lambda: "X1", rows=lambda _: {"people": [{"#": "1", "name": "one"}]}),
        "two": Meddler("two", OTHER),
        "three": Meddler("three"),
        "four": Meddler("four"),
    }
    seen = set()
    for order in itertools.permutations(plugins):
        made = assemble({name: plugins[name] for name in order})
        codes = [
            await made.grid_code(region=region, tier="patch", division="9", number=3) for region in ("sample", "other", "unknown")
        ]
        rows = [await made.import_rows(region=region, rows=[["a"]]) for region in ("sample", "other", "unknown")]
        seen.add(repr((codes, rows, [scheme.edition_id for scheme in made.book.schemes], list(made.named), made.owner("sample"))))
    assert len(seen) == 1
    assert "'X1'" in (only := seen.pop())
    assert "'two took over'" in only
    assert "'9003'" in only
    assert "three" not in only.replace("'three'", "", 1)
    assert "four" not in only.replace("'four'", "", 1)


def test_in_every_order_a_clash_names_both() -> None:
    class Again(Plugin):
        def portal_regions(self):
            return (OTHER,)

    class Edition(Plugin):
        def portal_regions(self):
            return (replace(OTHER, code="third"),)

    plugins = {"a": Sound(), "b": Meddler("b", OTHER), "c": Again(), "d": Meddler("d")}
    said = set()
    for order in itertools.permutations(plugins):
        with pytest.raises(PluginError) as clash:
            assemble({name: plugins[name] for name in order})
        said.add(clash.value.text)
    assert said == {"地区“other”由插件“b”和“c”同时声明，只能启用其中一个。"}
    with pytest.raises(PluginError, match="方案版本“other-.*”由插件“b”和“e”同时声明"):
        assemble({"b": plugins["b"], "e": Edition()})


def test_a_hook_of_another_shape_is_named() -> None:
    class Odd(Plugin):
        def portal_grid_code(self, nothing_of_the_kind):
            return nothing_of_the_kind

    with pytest.raises(PluginError, match="“odd”的钩子写法不对.*nothing_of_the_kind.*去掉它"):
        assemble({"odd": Odd()})


# Our objects


class Vandal(Plugin):
    """Tries to change whatever it is handed, and whatever it handed over."""

    def __init__(self) -> None:
        (self.sample,) = sample_region.plugin.portal_regions()
        self.sample = replace(self.sample)
        self.failures: list[str] = []

    def portal_regions(self):
        return (self.sample,)

    def portal_grid_code(self, region, tier, division, number):
        object.__setattr__(self.sample, "name", "改掉的名字")
        object.__setattr__(self.sample.editions[0], "rules", ())
        return "X1"

    def portal_import_rows(self, region, rows):
        for deed in (
            lambda: rows.append("x"),
            lambda: rows[0].append("x"),
            lambda: rows.__setitem__(0, ()),
            lambda: rows.clear(),
        ):
            try:
                deed()
            except (AttributeError, TypeError) as error:
                self.failures.append(type(error).__name__)
        kept = {"people": [dict(ROW)]}
        self.kept = kept
        return kept


async def test_what_was_stated_is_copied_and_what_is_handed_out_cannot_be_changed() -> None:
    original = SAMPLE.editions[0].rules
    vandal = Vandal()
    vandal.sample = replace(vandal.sample, editions=tuple(replace(edition) for edition in vandal.sample.editions))
    made = assemble({"sample": vandal})
    assert await made.grid_code(region="sample", tier="patch", division="1", number=1) == "X1"
    assert made.book.regions["sample"].name == SAMPLE.name
    assert made.book.schemes[0].edition.rules == original
    given = [["a"]]
    rows = await made.import_rows(region="sample", rows=given)
    assert vandal.failures == ["AttributeError", "AttributeError", "AttributeError", "AttributeError"]
    assert given == [["a"]]
    vandal.kept["people"][0]["name"] = "改掉的名字"
    assert rows == {"people": [ROW]}
    scheme = made.book.schemes[0]
    for mapping in (
        made.book.regions,
        made.named,
        made.packages,
        *(getattr(scheme, name) for name in ("units", "tiers", "posts", "facts", "placements", "boards", "routes", "lines")),
    ):
        with pytest.raises(TypeError):
            mapping["x"] = None
    with pytest.raises(FrozenInstanceError):
        scheme.edition.rules[0].code = "x"


@pytest.mark.parametrize(
    "stated",
    [
        None,
        7,
        "sample",
        (None,),
        ({},),
        (replace(SAMPLE, editions=list(SAMPLE.editions)),),
        (replace(SAMPLE, name={"x": "y"}),),
        (replace(SAMPLE, editions=(replace(SAMPLE.editions[0], rules=[*SAMPLE.editions[0].rules]),)),),
        (replace(SAMPLE, name=type("Sly", (str,), {})("示例")),),
        (type("Sly", (Region,), {})(code="x", name="x", editions=(), clauses=()),),
    ],
    ids=lambda stated: repr(stated)[:30],
)
def test_only_words_of_the_language_are_taken_for_a_scheme(stated) -> None:
    class Odd(Plugin):
        def portal_regions(self):
            return stated

    with pytest.raises(PluginError, match="“odd”的 portal_regions 给出了不是方案的东西：.*去掉它"):
        assemble({"odd": Odd()})


# Routes and templates


def test_a_plugin_brings_no_route(settings, sample_plugins) -> None:
    from litestar import get

    class Router(Plugin):
        routes = route_handlers = controllers = ROUTES = DOORS = (get("/sign-in", sync_to_thread=False)(lambda: "taken over"),)

        def portal_regions(self):
            return ()

    assert routes_of(create_app(settings, plugins=assemble({"router": Router()}))) == routes_of(
        create_app(settings, plugins=sample_plugins)
    )


def bringing(folder: Path, name: str, files: Mapping[str, str]) -> Path:
    for path, source in files.items():
        target = folder / name / "templates" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(source)
    return folder / name / "templates" / name


def test_no_template_of_a_plugin_stands_in_for_one_of_ours(tmp_path: Path) -> None:
    """Pages, errors and sheets of complaints know no folder of a plugin at all; boards know it under its own name."""
    ours = pages(StaticFiles()).list_templates()
    assert {
        "errors/error.html",
        "account/sign_in.html",
        "custody/complaint.html",
        "public/step_tell.html",
        "office/_history.html",
    } <= set(ours)
    folder = bringing(tmp_path, "evil", dict.fromkeys((*ours, "board.html", "evil/board.html"), "taken over"))
    boards = Path(__file__).parent.parent.parent / "portal/boards/templates"
    env = Templates([boards], {"evil": folder})
    assert set(env.list_templates()) == {"board.html", "core:board.html", "evil/board.html"}
    assert env.get_template("board.html").filename == str(boards / "board.html")


class Printer(Plugin):
    """The sample region under another name, with a board of its own."""

    def portal_regions(self):
        return (SAMPLE,)


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("{% for a in range(4 * 10**7) %}{% endfor %}", "“printer”排公示牌的版时 0.4 秒没有答复"),
        ("{{ 1 / 0 }}", "“printer”排公示牌的版时出错：division by zero"),
        ("{{ nothing.at.all }}", "“printer”排公示牌的版时出错：'nothing' is undefined"),
        ("{% if %}", "“printer”排公示牌的版时出错"),
        ("{{ 'x' * 21_000_000 }}", "“printer”排公示牌的版时给出的结果不对"),
    ],
)
async def test_a_regions_own_board_that_fails_is_named(world: World, tmp_path: Path, monkeypatch, source: str, said: str) -> None:
    board = await issue(world.call, "enterprise", world.enterprises[FLOUR])
    name = f"portal_printer_{abs(hash(source))}"
    bringing(tmp_path, name, {"printer/board.html": source})
    (tmp_path / name / "__init__.py").touch()
    monkeypatch.syspath_prepend(str(tmp_path))
    plugins = assemble({"printer": Printer()}, {"printer": name}, seconds=0.4 if "for" in source else 20)
    assert "printer/board.html" in environment(plugins).list_templates()
    with pytest.raises(Refused) as refused:
        await pdf(replace(world.call, portal=replace(world.call.portal, plugins=plugins)), board, "A4")
    assert said in refused.value.text


async def test_a_region_has_the_board_of_its_own_plugin_and_no_other(
    portal: Portal, world: World, clock, tmp_path: Path, monkeypatch
) -> None:
    board = await issue(world.call, "enterprise", world.enterprises[FLOUR])
    for name in ("mine", "sample"):
        bringing(tmp_path, f"portal_{name}", {f"{name}/board.html": "{{ 1 / 0 }}"})
        (tmp_path / f"portal_{name}/__init__.py").touch()
    monkeypatch.syspath_prepend(str(tmp_path))
    # A plugin that calls itself as another one's region is called does not draw for it
    plugins = assemble({"owner": Printer(), "sample": Meddler("sample")}, {"sample": "portal_sample"})
    call = Call(replace(portal, plugins=plugins), SYSTEM, clock())
    assert (await pdf(call, board, "A4")).startswith(b"%PDF")


def test_hotlines_are_as_they_were() -> None:
    """What the hostile plugins do at start, they do in a process of their own."""
    assert national.HOTLINES["12350"].number == "12350"
    assert load(()).book.schemes == ()
