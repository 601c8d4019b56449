"""Adopting what a plugin states otherwise than was stored: both texts stay, the later one rules from the day on which a deployer
took it, and what was decided until then goes on being read by the earlier one.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from portal.call import Call
from portal.errors import Refused
from portal.ledger.actions import keep_editions, keep_text, record
from portal.ledger.queries import adoptions, stored_editions
from portal.scheme.book import Scheme
from portal.scheme.comparing import Change
from portal.scheme.keeping import Adoption, Misfit, Settled, difference, next_code, settle
from portal.scheme.telling import simple_text
from portal.terms import Text, say

LONGEST = 60


@dataclass(frozen=True)
class Proposal:
    """What adopting would do in a region: texts that would be given up, each with what takes its place and what then reads
    differently; and the texts that would be stored, by their codes.
    """

    region: str
    turns: tuple[tuple[str, str, tuple[Change, ...]], ...]
    new: tuple[tuple[str, Scheme], ...]


async def proposal(call: Call, region: str) -> Proposal:
    """What there is to adopt in a region; :class:`Refused` with the reason where nothing is, or where it cannot be."""
    stated = call.portal.plugins.book
    if region not in stated.regions:
        raise Refused(say("没有启用地区“{region}”。已启用：{all}", region=region, all="、".join(stated.regions) or say("无")))
    stored = await stored_editions(call, region)
    settled = settle(stated, stored, acts := await adoptions(call))
    conflicts = settled.conflicts.get(region, ())
    if not conflicts:
        raise Refused(_nothing(region, settled, acts))
    if damaged := [one.stored.code for one in conflicts if one.how is Misfit.DAMAGED]:
        raise Refused(
            say(
                "没有采用：存档“{codes}”的文本和它的校验值对不上，可能被改动过，不能当作过去办事的依据留下。请先从备份恢复数据库。",
                codes="、".join(damaged),
            )
        )
    codes = {scheme.edition.code: scheme.edition.code for scheme in stated.schemes_of(region)}
    codes |= {one.edition: one.code for one in stored if one.edition in codes}
    codes |= {one.stored.edition: next_code(one.stored.edition, stored) for one in conflicts if one.stated is not None}
    if too_long := [code for code in codes.values() if len(code) > LONGEST]:
        raise Refused(say("没有采用：版本代码“{code}”太长，最多 {n} 个字符。", code=too_long[0], n=LONGEST))
    known = {one.code for one in stored}
    new = {codes[one.edition.code]: one for one in stated.begun_by(region, call.today)}
    ruling = stated.in_force(region, call.today)
    turns = []
    for one in conflicts:
        instead = one.stated or ruling
        if instead is None:
            raise Refused(
                say(
                    "没有采用：插件里已没有版本“{code}”，也没有别的版本今天施行，没有可以代替它的。请在插件里恢复这一版。",
                    code=one.stored.code,
                )
            )
        turns.append((one.stored.code, codes[instead.edition.code], difference(one.stored, instead)))
        # A text that begins later is stored as well: it stands in the place of one that was
        new.setdefault(codes[instead.edition.code], instead)
    return Proposal(region, tuple(turns), tuple((code, one) for code, one in new.items() if code not in known))


def _nothing(region: str, settled: Settled, acts: Sequence[Adoption]) -> Text:
    last = [one for one in acts if any(settled.book.with_id(code) is not None for code in one.taken)]
    mine = [
        (code, one.day)
        for one in last
        for code in sorted(one.taken)
        if (scheme := settled.book.with_id(code)) is not None and scheme.region.code == region
    ]
    if any(scheme.edition_id in settled.reworded for scheme in settled.book.schemes_of(region)):
        return say(
            "没有要采用的：地区“{region}”的规则与存档一致，只有说明文字不同，不影响办事。"
            "用 portal scheme verify {region} 看差别。",
            region=region,
        )
    if mine:
        code, day = mine[-1]
        return say(
            "没有要采用的：地区“{region}”已于{day}采用“{code}”，与插件一致。", region=region, day=simple_text(day), code=code
        )
    return say("没有要采用的：地区“{region}”的规则与存档一致。", region=region)


async def adopt(call: Call, seen: Proposal) -> None:
    """Let the plugin's texts rule from today on, as they were shown; the texts until now stay, and so does by which of them
    something was decided. :class:`Refused` where it is no longer what was shown.
    """

    async def work() -> None:
        if await proposal(call, seen.region) != seen:
            raise Refused(
                say("没有采用：列出差别以后，存档又变了。请再运行一次 portal scheme adopt {region}。", region=seen.region)
            )
        for code, scheme in seen.new:
            await keep_text(call, code, scheme)
        data = {
            "day": call.today.isoformat(),
            "taken": [code for code, _ in seen.new],
            "instead_of": [code for code, _, _ in seen.turns],
            "changes": [str(change) for _, _, changes in seen.turns for change in changes],
        }
        await record(call, "adopted", "edition", seen.region, area="", data=data)

    await call.alone(f"adopting in {seen.region}", work)
    await keep_editions(call)
