"""Choosing where something new belongs: one page before its form, for units, grids, people and enterprises alike."""

from collections.abc import Sequence

from portal.areas import queries
from portal.call import Call
from portal.terms import Text, say
from portal.web.pages import Html, page
from portal.web.requests import AnyRequest

ABOVE_VILLAGES = ("district", "zone", "town")


async def choose_place(
    request: AnyRequest,
    call: Call,
    *,
    title: Text,
    back: str,
    back_name: str,
    kinds: Sequence[str] = ABOVE_VILLAGES,
    address: str = "",
    ruled: bool = True,
) -> Html | None:
    """The page, or None where the address names a place (``in``) already. ``ruled``: only where a scheme governs."""
    if request.query_params.get("in"):
        return None
    options = [
        (f"{address or back + '/new'}?in={row.public_id}", row.full_name, "")
        for row in await queries.choices(call, kinds=kinds)
        if row.region is not None or not ruled
    ]
    return page(
        request,
        "office/choose.html",
        title=title,
        back=back,
        back_name=back_name,
        intro=say("请先选择所属辖区。"),
        options=options,
        nothing=say("先在“辖区”里登记本地的区、镇，并给最上级选定方案。"),
    )
