"""The sample region's document issued anew: a post renamed, a post gone, a class split, another answer term, a tier gone."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from portal.scheme.words import (
    AllOf,
    Board,
    Class,
    Clause,
    Document,
    Duty,
    Edition,
    Every,
    Fact,
    Filing,
    InForce,
    Is,
    Kind,
    Not,
    Per,
    Placement,
    Post,
    Power,
    Region,
    Route,
    Rule,
    Term,
    Tier,
    Within,
)
from tests.sample_region import Sample
from tests.sample_region.scheme import BIG, GRIDS, PATROL, POSTS, RULES, SAMPLE

ANEW = Clause("SA-7", "修订第一条", "撤销划片，小单位分为小店和作坊，看护员改称守护员，七个工作日内答复。")
BEGINS = date(2026, 3, 9)
PLANT = AllOf((Not(BIG), Is("plant")))


def _changed(rule: Rule) -> tuple[Rule, ...]:
    """What became of a rule."""
    match rule:
        case Tier(code="patch") | Post(code="pair") | Filing():
            return ()
        case Post(code="keeper"):
            return (replace(rule, name="守护员", per=(Per(tier="village-grid"),), basis=ANEW),)
        case Class(code="small"):
            return (
                Fact(code="plant", name="作坊", basis=ANEW),
                Class(code="shop", name="小店", when=AllOf((Not(BIG), Not(Is("plant")))), basis=ANEW),
                Class(code="plant", name="作坊", when=PLANT, basis=ANEW),
            )
        case Placement(klass="small"):
            return (
                Placement(klass="shop", tiers=("village-grid",), basis=ANEW),
                Placement(klass="plant", tiers=("town-grid",), basis=ANEW),
            )
        case Duty(code="walk"):
            return (replace(rule, on=(Per(klass="shop"),), every=Every(months=2), basis=PATROL),)
        case Board(of=of):
            return (replace(rule, title="示例区公示牌（新版）") if of == "grid" else rule,)
        case Route(kind=Kind.REPORT):
            return (replace(rule, answer=Term(within=Within(working_days=7), basis=ANEW)),)
        case _:
            return (rule,)


LATER = Edition(
    code="sample-2026",
    documents=(Document(code="sample", title="示例区办法（修订）", issuer="示例区", issued_on=date(2026, 2, 1)),),
    in_force=InForce(since=BEGINS, still=GRIDS, basis=GRIDS),
    rules=tuple(new for rule in RULES for new in _changed(rule)),
)
BOTH = replace(SAMPLE, clauses=(*SAMPLE.clauses, ANEW), editions=(*SAMPLE.editions, LATER))
LENT = Power(
    code="fine",
    name="罚款",
    posts=("officer",),
    toward=Is("size", "big"),
    limit_yuan=1000,
    above="bureau",
    lent_by="bureau",
    basis=POSTS,
)
LENDING = replace(SAMPLE, editions=(replace(SAMPLE.editions[0], rules=(*RULES, LENT)),))
ENDING = replace(
    SAMPLE,
    editions=(
        replace(SAMPLE.editions[0], in_force=InForce(since=date(2020, 1, 1), until=date(2026, 12, 31), still=GRIDS, basis=POSTS)),
    ),
)


class Stated(Sample):
    """States the region that it is given, and numbers its patches like the first one."""

    def __init__(self, *regions: Region) -> None:
        self._regions = regions

    def portal_regions(self) -> Sequence[Region]:
        """The region as it was given."""
        return self._regions
