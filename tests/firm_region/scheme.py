"""An invented region of four tiers whose leaves are enterprises (叶区): district, town, village, firm."""

from datetime import date

from portal.scheme import national
from portal.scheme.words import (
    Act,
    AllOf,
    Board,
    Capacity,
    Class,
    Duty,
    Edition,
    Every,
    Fact,
    Ground,
    InForce,
    Is,
    Kind,
    N,
    Not,
    Per,
    Placement,
    Post,
    Region,
    Route,
    Section,
    Shown,
    Tier,
    Unit,
    Who,
)
from tests.sample_region.scheme import ANSWER, BOARD, CLAUSES, DOCUMENT, GRIDS, PATROL, POSTS, SILENT

LEAF, SPARE = Is("size", "big"), AllOf((Not(Is("size", "big")), Is("risky")))
SECTIONS = (Section(code="people", title="人员", shows=Shown.PEOPLE, posts=("firm-leader", "sponsor", "keeper"), basis=BOARD),)

RULES = (
    Unit(code="bureau", name="区局", at=Ground.DISTRICT, basis=GRIDS),
    Unit(code="station", name="镇所", at=Ground.TOWN, basis=POSTS),
    Unit(code="watch", name="纪检", at=Ground.DISTRICT, outside=True, basis=SILENT),
    Tier(code="district-grid", name="区格", of=Ground.DISTRICT, basis=GRIDS),
    Tier(code="town-grid", name="镇格", of=Ground.TOWN, within="district-grid", basis=GRIDS),
    Tier(code="village-grid", name="村格", of=Ground.VILLAGE, within="town-grid", basis=GRIDS),
    Tier(code="firm", name="企业网格", of=Ground.ENTERPRISE, within="village-grid", basis=GRIDS),
    Fact(code="size", name="规模", values=(("big", "大"), ("small", "小")), basis=GRIDS),
    Fact(code="risky", name="高危", basis=GRIDS),
    Class(code="leaf", name="大企业", when=LEAF, basis=GRIDS),
    Class(code="spare", name="小而高危", when=SPARE, basis=GRIDS),
    Class(code="plain", name="其他", when=AllOf((Not(LEAF), Not(SPARE))), basis=GRIDS),
    Placement(klass="leaf", tiers=("firm",), basis=GRIDS),
    Placement(klass="spare", tiers=("village-grid", "firm"), basis=GRIDS),
    Placement(klass="plain", tiers=("village-grid",), basis=GRIDS),
    Post(code="keeper", name="看护员", per=(Per(tier="village-grid"),), basis=POSTS),
    Post(
        code="firm-leader",
        name="企业网格长",
        per=(Per(tier="firm"),),
        answers_to=("keeper",),
        capacity=Capacity.LEAD,
        basis=POSTS,
    ),
    Post(code="sponsor", name="包保领导", per=(Per(klass="leaf"),), count=N(0, 1), capacity=Capacity.LEAD, basis=POSTS),
    Duty(
        code="round",
        who="firm-leader",
        says="每月自查",
        act=Act.PATROL,
        on=(Per(tier="firm"),),
        every=Every(months=1),
        basis=PATROL,
    ),
    Duty(
        code="visit",
        who="sponsor",
        says="每月到企业",
        act=Act.PATROL,
        on=(Per(klass="leaf"),),
        every=Every(months=1),
        basis=PATROL,
    ),
    *(
        Board(
            code=f"{of}-board",
            of=of,
            title="叶区公示牌",
            leads=("firm-leader", "keeper"),
            issuer="station",
            supervision="bureau",
            sections=SECTIONS,
            basis=BOARD,
        )
        for of in ("grid", "enterprise")
    ),
    Route(kind=Kind.CONTACT, to=(Who(unit="station"),), else_outside="12345", answer=national.CONTACT_ANSWER, basis=BOARD),
    Route(kind=Kind.REPORT, to=(Who(unit="station"),), else_outside="12350", accept=national.REPORT_ACCEPT, basis=ANSWER),
    Route(kind=Kind.COMPLAINT, to=(), else_outside="watch", basis=SILENT),
)

LEAFY = Region(
    code="leafy",
    name="叶区",
    clauses=CLAUSES,
    editions=(
        Edition(
            code="leafy-2020",
            documents=(DOCUMENT,),
            in_force=InForce(since=date(2020, 1, 1), still=GRIDS, basis=GRIDS),
            rules=RULES,
        ),
    ),
)
