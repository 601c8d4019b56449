"""A one-time link for a person on site, shown on the screen of whoever made it: to be scanned there and then."""

from portal.access.links import let_in
from portal.call import Call
from portal.enterprises.queries import EnterpriseRow
from portal.pages.account.second import qr_picture
from portal.web.pages import Html, page
from portal.web.requests import AnyRequest


async def show_site_link(request: AnyRequest, call: Call, row: EnterpriseRow, layout: str, back: str) -> Html:
    """Make the link and show it as a QR code, once."""
    address = f"{call.portal.settings.address}/site/{await let_in(call, row.id, row.public_id, row.path)}"
    return page(
        request, "enterprise/site_link.html", row=row, address=address, picture=qr_picture(address), layout=layout, back=back
    )
