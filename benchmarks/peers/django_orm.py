"""Django with its own models over the register's own tables, as a Django project would read them."""

import os
from datetime import UTC, datetime

import django
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest, HttpResponse
from django.urls import path

from benchmarks.peers.common import Joined, connection, renderer

SERVER = connection()
settings.configure(
    ROOT_URLCONF=__name__,
    ALLOWED_HOSTS=["*"],
    SECRET_KEY="only for the benchmark",
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": SERVER["database"],
            "USER": SERVER["user"],
            "PASSWORD": SERVER["password"],
            "HOST": SERVER["host"],
            "OPTIONS": {"pool": {"min_size": 8, "max_size": 16}},
        }
    },
    MIDDLEWARE=["django.middleware.security.SecurityMiddleware", "django.middleware.common.CommonMiddleware"],
    USE_TZ=True,
)
django.setup()

from django.db import models  # noqa: E402 - models need the settings
from django.db.models import Q  # noqa: E402

KEPT = models.DO_NOTHING
RENDER = renderer()
JOINED = Joined()
TODAY = datetime.now(UTC).date()
PARTS = {"district-bureau": "supervision", "discipline": "complaint", "local-department": "issuer"}


class Base(models.Model):
    class Meta:
        abstract = True
        app_label = "bench"
        managed = False


class Jurisdiction(Base):
    code = models.CharField(max_length=20)
    name = models.CharField(max_length=60)
    path = models.CharField(max_length=200)

    class Meta(Base.Meta):
        db_table = "jurisdiction"


class StoredFile(Base):
    name = models.CharField(max_length=64)

    class Meta(Base.Meta):
        db_table = "stored_file"


class Grid(Base):
    code = models.CharField(max_length=40)
    name = models.CharField(max_length=80)

    class Meta(Base.Meta):
        db_table = "grid"


class GridGround(Base):
    grid = models.ForeignKey(Grid, KEPT, db_column="grid")
    division = models.ForeignKey(Jurisdiction, KEPT, db_column="division")

    class Meta(Base.Meta):
        db_table = "grid_ground"


class Person(Base):
    name = models.CharField(max_length=60)
    phone = models.CharField(max_length=30)
    badge = models.CharField(max_length=40)
    portrait = models.ForeignKey(StoredFile, KEPT, db_column="portrait", null=True)

    class Meta(Base.Meta):
        db_table = "person"


class Appointment(Base):
    person = models.ForeignKey(Person, KEPT, db_column="person")
    grid = models.ForeignKey(Grid, KEPT, db_column="grid", null=True)
    post = models.CharField(max_length=40)
    since = models.DateField()
    until = models.DateField(null=True)

    class Meta(Base.Meta):
        db_table = "appointment"


class Unit(Base):
    kind = models.CharField(max_length=40)
    name = models.CharField(max_length=80)
    phone = models.CharField(max_length=30)
    jurisdiction = models.ForeignKey(Jurisdiction, KEPT, db_column="jurisdiction")

    class Meta(Base.Meta):
        db_table = "unit"


class Enterprise(Base):
    name = models.CharField(max_length=120)
    address = models.CharField(max_length=200)
    division = models.ForeignKey(Jurisdiction, KEPT, db_column="division")

    class Meta(Base.Meta):
        db_table = "enterprise"


class Placement(Base):
    enterprise = models.ForeignKey(Enterprise, KEPT, db_column="enterprise")
    grid = models.ForeignKey(Grid, KEPT, db_column="grid", null=True)
    since = models.DateField()
    until = models.DateField(null=True)

    class Meta(Base.Meta):
        db_table = "placement"


class Board(Base):
    code = models.CharField(max_length=12)
    enterprise = models.ForeignKey(Enterprise, KEPT, db_column="enterprise")
    version = models.IntegerField()
    issued_on = models.DateField()
    trial = models.BooleanField()

    class Meta(Base.Meta):
        db_table = "board"


def now(row: type[models.Model]) -> models.QuerySet:
    return row.objects.filter(Q(until=None) | Q(until__gt=TODAY), since__lte=TODAY)


def board(_: HttpRequest, code: str) -> HttpResponse:
    found = Board.objects.select_related("enterprise__division").get(code=code)
    grid = now(Placement).select_related("grid").get(enterprise=found.enterprise_id).grid
    places = GridGround.objects.filter(grid=grid).order_by("division__code").values_list("division__name", flat=True)
    held = now(Appointment).filter(grid=grid, post="inspector").select_related("person__portrait").first()
    lead = {}
    if held is not None:
        one = held.person
        lead = {"name": one.name, "phone": one.phone, "badge": one.badge, "photo": one.portrait.name if one.portrait else None}
    steps = found.enterprise.division.path.strip("/").split("/")
    paths = ["/" + "/".join(steps[:n]) + "/" for n in range(1, len(steps) + 1)]
    units = Unit.objects.filter(jurisdiction__path__in=paths)
    text = RENDER(
        JOINED(
            code=found.code,
            version=found.version,
            issued_on=found.issued_on,
            trial=found.trial,
            enterprise=found.enterprise.name,
            address=found.enterprise.address,
            grid=grid.name,
            grid_code=grid.code,
            places=list(places),
            lead=lead,
            units={PARTS[unit.kind]: (unit.name, unit.phone) for unit in units},
        )
    )
    return HttpResponse(text)


urlpatterns = [path("b/<str:code>", board)]
app = WSGIHandler() if os.environ.get("BENCH_WSGI") else get_asgi_application()
