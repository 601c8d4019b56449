"""Where things are wired: the running portal, who listens to whom, and the web application on top."""

import asyncio
import gc
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import asyncpg
from litestar import Litestar
from litestar.di import Provide
from litestar.types import ControllerRouterHandler
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from portal import plugins as plugin_room
from portal.access import actions as access
from portal.access import asks, custody, turning_back
from portal.access import queries as access_queries
from portal.areas import queries as area_queries
from portal.boards import actions as boards
from portal.boards import jobs, turning
from portal.budgets import throttle
from portal.call import Above, Call, Listener, Portal
from portal.clock import ChineseWorkingDays
from portal.complaints import actions as complaints
from portal.enterprises import actions as enterprises
from portal.enterprises import charges
from portal.errors import SetupError
from portal.feedback import actions as feedback
from portal.feedback import drafts
from portal.imports import batches
from portal.ledger.actions import await_again, handle_due, keep_editions, look_again
from portal.ledger.queries import newest
from portal.obligations import queries as obligations
from portal.obligations import tallies
from portal.pages import DOORS
from portal.people import actions as people
from portal.plugins import Plugins
from portal.settings import Settings
from portal.storage import migrations, once
from portal.storage.embedded import EmbeddedServer
from portal.storage.engine import Database
from portal.storage.files import FileStore
from portal.storage.generation import Generation
from portal.storage.seals import Keyring
from portal.storage.shares import shares
from portal.storage.troubles import no_connection
from portal.terms import say
from portal.timekeeping import Timekeeper
from portal.viewer import SYSTEM
from portal.web.bodies import MEGABYTE, take_body
from portal.web.errors import HANDLERS
from portal.web.guards import only_from_facts
from portal.web.outer import Outer
from portal.web.requests import Patience, Web, provide_call
from portal.web.sessions import SessionMiddleware
from portal.web.static_files import StaticFiles
from portal.web.templates import environment
from portal.workshop.pool import Workshop

logger = logging.getLogger("portal")

# Placement comes first: a board is drawn from where its enterprise belongs after the event.
LISTENERS: tuple[Listener, ...] = (enterprises.on_event, boards.on_event, feedback.on_event)
ABOVE = Above(
    regions=area_queries.regions,
    region_at=area_queries.region_at,
    ties=custody.ties,
    hanging=(people.APPOINTMENTS, charges.CHARGES, enterprises.ENTERPRISES, people.PEOPLE),
)
TICK_SECONDS = 30
# The rows of a sheet live until it is taken in: to look through them for cycles as often as Python does took a fifth of the time
GARBAGE = 50_000, 20, 20
# How long somebody waits for what another holds: at a form, with a report that must not be lost, and where nobody waits for it
SAVE_SECONDS, REPORT_SECONDS, WORK_SECONDS = 1.2, 12.0, 60.0
SWEEP_TICKS = 120


@asynccontextmanager
async def open_portal(
    settings: Settings,
    *,
    plugins: Plugins | None = None,
    create: bool = False,
    durable: bool = True,
    pool: int | None = None,
    safe: bool = False,
) -> AsyncIterator[Portal]:
    """A running portal on its database; ``create`` makes the keyring and the database where there are none. ``pool`` connections
    for a command or the worker; without it, a web process's share of what the database allows.
    """
    gc.set_threshold(*GARBAGE)
    server = None
    if settings.database_url is None:
        server = EmbeddedServer(settings.data, durable=durable)
        await _started(server, new=create)
        config = server.connection()
    else:
        config = {"dsn": settings.database_url}
    db = Database(config)
    workshop = Workshop()
    try:
        if create and server is not None:
            await _ensure_database(server)
        own = server.password_file if server is not None else None
        await open_database(db, durable=durable, pool=pool, workers=settings.workers, own=own)
        db.tell_holders = partial(access_queries.holders_told, db)
        migrations.bind(db)
        # A register whose keys are lost must not get others: what is sealed would be closed for good, and nobody told.
        # Nor is anything else made in a folder that may be another than it was
        keyring = Keyring.open(settings.data / "keys.json", create=create and not await migrations.applied(db))
        keeper = Timekeeper(settings.data / "clock.json")
        await hold_time(db, keeper)
        files, complaint_files = FileStore(settings.data / "files"), FileStore(settings.data / "complaints")
        for store in (files, complaint_files):
            store.prepare()
        yield Portal(
            settings=settings,
            db=db,
            plugins=plugins if plugins is not None else _plugins(settings, safe=safe),
            keyring=keyring,
            files=files,
            complaint_files=complaint_files,
            generation=Generation(settings.data / "public.generation"),
            working_days=ChineseWorkingDays(),
            workshop=workshop,
            above=ABOVE,
            listeners=LISTENERS if not safe else (),
            safe=safe,
            timekeeper=keeper,
        )
    finally:
        workshop.close()
        if db.pool:
            await db.close_connection_pool()
        if server is not None:
            await asyncio.to_thread(server.stop)


async def _started(server: EmbeddedServer, *, new: bool) -> None:
    """Start the server; whoever is told to stop meanwhile leaves none behind."""
    starting = asyncio.create_task(asyncio.to_thread(server.start, new=new))
    try:
        await asyncio.shield(starting)
    except asyncio.CancelledError:
        with suppress(SetupError, OSError):
            await starting
        await asyncio.to_thread(server.stop)
        raise


async def hold_time(db: Database, keeper: Timekeeper) -> None:
    """Hold the machine's time against the latest moment that was written down, where any was."""
    last = await newest(db)
    held = keeper.proposed(last)
    if last is not None and not keeper.goes_back(held):
        keeper.keep(held)


async def keep_time(portal: Portal) -> None:
    """Hold the machine's time against what has passed, and say what is wrong with it. Where it is found that the time had run
    ahead, what that brought about too early is turned back before anything else goes on.
    """
    keeper, before = portal.timekeeper, portal.timekeeper.notice()
    held = keeper.proposed()
    if keeper.goes_back(held):
        await turn_back(Call(portal, SYSTEM, held.at))
    keeper.keep(held)
    if (notice := keeper.notice()) != before:
        logger.warning(notice or say("时间已经核对一致，门户按服务器时间办理。"))


async def turn_back(call: Call) -> None:
    """Bring back what a clock that ran ahead did: who may come in, what is due, and what boards tell, as of now."""
    await turning_back.turn_back(call)
    await await_again(call)
    await turning.tell_again(call)
    await turning.turn(call)


def _plugins(settings: Settings, *, safe: bool) -> Plugins:
    return plugin_room.none() if safe else plugin_room.load(settings.plugins, seconds=settings.plugin_seconds)


async def open_database(db: Database, *, durable: bool, pool: int | None, workers: int = 1, own: Path | None = None) -> None:
    """Open the lanes; where that fails, :class:`SetupError` says why. ``own`` is where the embedded server's password stands."""
    try:
        if pool is not None:
            await db.open(durable=durable, most=pool, patience=WORK_SECONDS)
            return
        share = shares(await db.allowed(), workers)
        await db.open(
            durable=durable, most=share.office, public=share.public, patience=SAVE_SECONDS, public_patience=REPORT_SECONDS
        )
    except asyncpg.InvalidCatalogNameError as error:
        if own is None:
            raise SetupError(say("database_url 指的服务器上没有这个数据库。请先在那里建好（createdb），再来一次。")) from error
        raise SetupError(say("数据库还没有建立。先运行 portal init。")) from error
    except (asyncpg.ClientConfigurationError, UnicodeError) as error:
        raise SetupError(say("portal.toml 的 database_url 写法不对：{error}。", error=error)) from error
    except OverflowError as error:
        raise SetupError(say("portal.toml 的 database_url 里端口不对：要是 1 到 65535。")) from error
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        if "search_path" in str(error):
            raise SetupError(
                say(
                    "前面的连接池（如 PgBouncer）不接受启动参数 search_path，门户不能经过它工作：{error}。"
                    "请让 database_url 直接指到 PostgreSQL；或者把连接池设成按会话分配，并让它转交这个参数，见 docs/deploy.md。",
                    error=error,
                )
            ) from error
        if own is not None and isinstance(error, asyncpg.InvalidPasswordError):
            raise SetupError(say("{path} 里的数据库密码不对，请从备份恢复这个文件。", path=own)) from error
        raise SetupError(say("连不上数据库（portal.toml 的 database_url）：{why}。", why=no_connection(error))) from error


async def _ensure_database(server: EmbeddedServer) -> None:
    maintenance = await asyncpg.connect(**server.connection("postgres"))
    try:
        if not await maintenance.fetchval("select exists (select from pg_database where datname = 'portal')"):
            # Of two who begin at once, one makes it
            with suppress(asyncpg.DuplicateDatabaseError, asyncpg.UniqueViolationError):
                await maintenance.execute("create database portal")
    finally:
        await maintenance.close()


async def migrated(call: Call) -> None:
    """Refuse to work on a database that lacks a migration."""
    if n := await migrations.lacking(call.db):
        raise SetupError(
            say(
                "数据库还差 {n} 步升级。先备份，再运行 portal migrate。备份用原来那个版本的程序做，见 docs/deploy.md 的“升级”。",
                n=n,
            )
        )


async def ready(call: Call) -> None:
    """Refuse to serve on a database that lacks a migration; find out which regions decide, and by which texts."""
    await migrated(call)
    if not call.portal.safe:
        await keep_editions(call)


def create_app(
    settings: Settings,
    *,
    plugins: Plugins | None = None,
    clock: Callable[[], datetime] | None = None,
    portal: Portal | None = None,
    doors: Sequence[ControllerRouterHandler] = DOORS,
    safe: bool = False,
    patience: Patience | None = None,
    app: Litestar | None = None,
    opening: Callable[..., AbstractAsyncContextManager[Portal]] = open_portal,
) -> ProxyHeadersMiddleware:
    """The web application. It opens a portal when its lifespan begins, and watches the time for it; a ``portal`` that
    runs already is used as it is, by its own routes or those of ``app``, which served another one before. With ``safe`` it
    imports no plugin, lets nobody sign in, and opens only what is served from stored facts. ``patience``: how long whoever is
    over a budget waits for being told so; ``opening``: how the portal is opened.
    """
    plugins = plugins if plugins is not None else _plugins(settings, safe=safe)
    clock = clock or Timekeeper(settings.data / "clock.json")
    static = StaticFiles()
    env = environment(static)
    patience = patience or Patience()

    @asynccontextmanager
    async def lifespan(of: Litestar) -> AsyncIterator[None]:
        async with opening(settings, plugins=plugins, safe=safe) as opened:
            await ready(Call(opened, SYSTEM, clock()))
            of.state.web = Web(opened, clock, env, static, patience)
            # A register that follows another edition takes minutes, and nothing else that time brings must wait for it
            ticking = [asyncio.create_task(work(opened, clock)) for work in ((_tick,) if safe else (_tick, follow_editions))]
            try:
                yield
            finally:
                for task in ticking:
                    task.cancel()
                    with suppress(asyncio.CancelledError):
                        await task

    if app is None:
        app = Litestar(
            route_handlers=list(doors),
            lifespan=[lifespan] if portal is None else [],
            guards=[only_from_facts] if safe else [],
            middleware=[] if safe else [SessionMiddleware()],
            before_request=take_body,
            dependencies={"call": Provide(provide_call)},
            exception_handlers=HANDLERS,  # type: ignore[arg-type] # handlers are for the errors that they name
            openapi_config=None,
            logging_config=None,
            request_max_body_size=200 * MEGABYTE,
        )
    if portal is not None:
        app.state.web = Web(portal, clock, env, static, patience)
    outer = Outer(
        app,
        generation=Generation(settings.data / "public.generation"),
        clock=clock,
        secure=settings.secure,
    )
    # Whose turn it is depends on the network, so that is found out before all else
    made = ProxyHeadersMiddleware(outer, trusted_hosts=settings.proxies)  # type: ignore[arg-type] # uvicorn names the protocol in its own types
    made.litestar = app  # type: ignore[attr-defined] # for whoever looks at the routes, as routes_of
    made.outer = outer  # type: ignore[attr-defined] # the same, at the kept pages
    return made


async def _tick(portal: Portal, clock: Callable[[], datetime]) -> None:
    """What time itself brings: events whose day has come, and sweeping."""
    ticks = 0
    while True:
        try:
            if not portal.safe:
                await keep_time(portal)
            call = Call(portal, SYSTEM, clock())
            for store in (portal.files, portal.complaint_files):
                await asyncio.to_thread(store.level, call.now.timestamp())
            await throttle.sweep(call)
            if not portal.timekeeper.waits:
                await drafts.sweep(call)
            if not portal.safe:
                await look_again(call)
            if not portal.safe and not portal.timekeeper.waits:
                await handle_due(call)
                await tallies.fold(call)
            if ticks % SWEEP_TICKS == 0 and not portal.timekeeper.waits:
                await _sweep(call)
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            logger.warning("the tick waits for the database: %s", error)
        except Exception:
            logger.exception("the tick failed and goes on")
        ticks += 1
        await asyncio.sleep(TICK_SECONDS)


async def _sweep(call: Call) -> None:
    """Forget what was promised to be forgotten; and, where the schemes are known, go on with what has come to its term."""
    await access.sweep(call)
    if not call.portal.files.spare():
        logger.warning(say("磁盘剩余不到 1 GB：照片暂时不能上传，文字照常提交。请清理磁盘或换更大的。"))
    if call.portal.safe:
        logger.warning(say("门户仍以安全模式运行：只有公示牌页面开着。改好插件后请重新启动。"))
        return
    await asks.lapse(call)
    await jobs.sweep(call)
    await complaints.copy_subjects(call)
    await once.sweep(call.db, call.now)
    await batches.sweep(call)
    await complaints.look_after(call)
    await complaints.recount(call)
    await feedback.recount(call)
    await tallies.sweep(call)
    await obligations.count_ahead(call)


async def follow_editions(portal: Portal, clock: Callable[[], datetime], every: float = TICK_SECONDS) -> None:
    """Editions that come into force, on whatever day the portal first sees them do so."""
    while True:
        try:
            if not portal.timekeeper.waits and (placed := await turning.turn(Call(portal, SYSTEM, clock()))):
                logger.info("another edition is in force: enterprises were placed anew %s times", placed)
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            logger.warning("following the edition in force waits for the database: %s", error)
        except Exception:
            logger.exception("the edition in force is not followed everywhere yet; it is tried again")
        await asyncio.sleep(every)


def routes_of(app: Any) -> list[tuple[str, str]]:
    """Every (method, path) that the app answers, from its own list: what the access matrix must equal."""
    litestar: Litestar = app.litestar
    return sorted((method, route.path) for route in litestar.routes for method in route.methods if method != "OPTIONS")
