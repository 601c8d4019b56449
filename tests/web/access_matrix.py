"""Who may open which route: every row is tried by everybody. A route that is missing here fails the tests."""

PUBLIC = {
    ("GET", "/"), ("GET", "/find"), ("GET", "/privacy"), ("GET", "/static/{mark:str}/{name:path}"), ("GET", "/about/instance"),
    ("GET", "/healthz"), ("GET", "/b/{code:str}"), ("GET", "/b/{code:str}/photo/{name:str}"), ("POST", "/door"),
    ("POST", "/door/again"), ("POST", "/send"), ("GET", "/form/{number:str}"), ("GET", "/receipt/case"), ("GET", "/leave"),
    ("GET", "/receipt"), ("POST", "/receipt"), ("POST", "/receipt/add"), ("GET", "/schemes"), ("GET", "/schemes/{region:str}"),
    ("GET", "/schemes/{region:str}/editions/{code:str}"), ("GET", "/schemes/{region:str}/compare"),
    ("GET", "/sign-in"), ("POST", "/sign-in"), ("GET", "/link/{secret:str}"), ("POST", "/link/{secret:str}"),
    ("GET", "/site/{secret:str}"), ("POST", "/site/{secret:str}"),
}  # fmt: skip
HALF_IN = {("GET", "/second"), ("POST", "/second")}
ON_SITE = {("GET", "/welcome"), ("POST", "/sign-out")}
SIGNED_IN = ON_SITE | {
    ("GET", "/account"), ("GET", "/unsent"), ("POST", "/account/password"), ("POST", "/account/sessions/{session:str}/end"),
    ("POST", "/account/deputies"), ("POST", "/account/deputies/{cover:str}/end"),
}  # fmt: skip
SUBJECTS = ("jurisdictions", "units", "grids", "people", "enterprises")
OFFICE = {
    ("GET", "/office"), ("GET", "/office/gaps"), ("GET", "/office/people/{id_:str}/portrait"),
    ("GET", "/office/appointments/new"), ("POST", "/office/appointments/new"), ("GET", "/office/appointments/{id_:str}/end"),
    ("POST", "/office/appointments/{id_:str}/end"), ("GET", "/office/appointments/{id_:str}/hand-over"),
    ("POST", "/office/appointments/{id_:str}/hand-over"), ("GET", "/office/people/{id_:str}/interests"),
    ("POST", "/office/people/{id_:str}/interests"), ("GET", "/office/people/{id_:str}/interests/{interest:str}/end"),
    ("POST", "/office/people/{id_:str}/interests/{interest:str}/end"), ("GET", "/office/enterprises/{id_:str}/facts"),
    ("POST", "/office/enterprises/{id_:str}/facts"),
    ("GET", "/office/enterprises/{id_:str}/charges"), ("POST", "/office/enterprises/{id_:str}/charges"),
    ("POST", "/office/enterprises/{id_:str}/site-link"),
    ("GET", "/office/corrections/{kind:str}/{id_:str}"), ("POST", "/office/corrections/{kind:str}/{id_:str}"),
    ("GET", "/office/export/{name:str}/{form:str}"), ("GET", "/office/import"), ("POST", "/office/import"), ("GET", "/office/import/template/{kind:str}/{region:str}"),
    ("GET", "/office/import/export/{kind:str}/{region:str}/{form:str}"), ("GET", "/office/import/{id_:str}"), ("GET", "/office/import/{id_:str}/annotated.xlsx"),
    ("POST", "/office/import/{id_:str}/columns"), ("POST", "/office/import/{id_:str}/correct"),
    ("GET", "/office/import/{id_:str}/changes.xlsx"),
    *(("POST", f"/office/import/{{id_:str}}/{deed}") for deed in ("check", "take", "undo", "drop", "stop")), ("GET", "/office/boards"),
    ("GET", "/office/boards/{code:str}"), ("POST", "/office/boards/issue"), ("POST", "/office/boards/{code:str}/hung"), ("GET", "/office/boards/{code:str}/board.pdf"),
    ("GET", "/office/boards/{code:str}/revoke"), ("POST", "/office/boards/{code:str}/revoke"), ("POST", "/office/boards/print"),
    ("GET", "/office/boards/jobs/{job:str}"), ("POST", "/office/boards/jobs/{job:str}/stop"), ("GET", "/office/boards/jobs/{job:str}/boards.zip"), ("GET", "/office/cases"),
    ("GET", "/office/cases/{id_:str}"), ("POST", "/office/cases/{id_:str}/step"), ("POST", "/office/cases/{id_:str}/turn"), ("POST", "/office/cases/{id_:str}/contact"),
    ("GET", "/office/cases/{id_:str}/photos/{photo:str}"),
    ("GET", "/office/grids/outside"), ("GET", "/office/grids/outside/{outside:str}"), ("POST", "/office/grids/outside/{outside:str}"),
    ("GET", "/office/due"), ("GET", "/office/due/alls"), ("GET", "/office/due/alls/{region:str}/area"),
    ("GET", "/office/due/alls/{region:str}/content"), ("GET", "/office/due/alls/{region:str}/records"),
    ("GET", "/office/due/person/{id_:str}"),
    ("GET", "/office/due/person/{id_:str}/deeds.xlsx"), ("GET", "/office/due/{region:str}/{key:str}"),
    ("GET", "/office/due/{region:str}/{key:str}/list.xlsx"), ("GET", "/office/due/{region:str}/{key:str}/excuse"),
    ("POST", "/office/due/{region:str}/{key:str}/excuse"), ("POST", "/office/excuses/{id_:str}/withdraw"),
    ("GET", "/office/deeds"), ("GET", "/office/deeds/new"), ("POST", "/office/deeds/new"),
    ("GET", "/office/deeds/{id_:str}/withdraw"), ("POST", "/office/deeds/{id_:str}/withdraw"),
    ("GET", "/office/jurisdictions/{id_:str}/refinements"), ("POST", "/office/jurisdictions/{id_:str}/refinements"),
    ("GET", "/office/refinements/{id_:str}/end"), ("POST", "/office/refinements/{id_:str}/end"),
    ("GET", "/office/letters"), ("GET", "/office/letters/new"), ("POST", "/office/letters/new"), ("GET", "/office/letters/{id_:str}"),
    ("GET", "/office/letters/{id_:str}/end"), ("POST", "/office/letters/{id_:str}/end"),
    ("GET", "/office/filings"), ("GET", "/office/filings/new"), ("POST", "/office/filings/new"),
    ("GET", "/office/filings/{id_:str}"), ("GET", "/office/filings/{id_:str}/sheet.xlsx"),
    *(("POST", f"/office/filings/{{id_:str}}/{deed}") for deed in ("withdraw", "accept", "return")),
    *((method, f"/office/{subject}/{page}") for subject in SUBJECTS for page in ("new", "{id_:str}/change", "{id_:str}/end")
      for method in ("GET", "POST")),
    *(("GET", f"/office/{subject}{rest}") for subject in SUBJECTS for rest in ("", "/{id_:str}")),
    *((method, f"/office/{subject}/{{id_:str}}/reopen") for subject in ("grids", "enterprises") for method in ("GET", "POST")),
}  # fmt: skip
ADMINISTRATOR = {
    ("GET", "/office/accounts"), ("GET", "/office/accounts/new"), ("POST", "/office/accounts/new"),
    ("GET", "/office/accounts/{id_:str}"), ("GET", "/office/accounts/{id_:str}/grants"), ("POST", "/office/accounts/{id_:str}/grants"),
    ("POST", "/office/accounts/{id_:str}/grants/{grant:int}/end"), ("GET", "/office/accounts/{id_:str}/end"),
    *(("POST", f"/office/accounts/{{id_:str}}/{deed}") for deed in ("link", "sessions/end", "second/end", "end", "begin")),
}  # fmt: skip
FIELD = {
    ("GET", "/field"), ("GET", "/field/enterprises"), ("GET", "/field/enterprises/{id_:str}"), ("POST", "/field/enterprises/{id_:str}/site-link"), ("GET", "/field/cases"), ("GET", "/field/cases/{id_:str}"),
    ("POST", "/field/cases/{id_:str}/step"), ("POST", "/field/cases/{id_:str}/turn"), ("POST", "/field/cases/{id_:str}/contact"),
    ("GET", "/field/cases/{id_:str}/photos/{photo:str}"),
}  # fmt: skip
CUSTODY = {
    ("GET", "/custody"), ("GET", "/custody/{id_:str}"), ("GET", "/custody/{id_:str}/photos/{photo:str}"),
    ("GET", "/custody/{id_:str}/sheets/{sheet:str}"), ("GET", "/custody/two"), ("POST", "/custody/two"),
    ("GET", "/custody/two/{request_:str}"), ("POST", "/custody/two/{request_:str}"),
    *(("POST", f"/custody/{{id_:str}}/{deed}") for deed in ("step", "contact", "stand-back", "move", "sheet")),
    *(("GET", f"/custody/{{id_:str}}/{deed}") for deed in ("stand-back", "move", "sheet")),
}  # fmt: skip
ASKS = {("GET", "/asks"), *(("POST", f"/asks/{{ask:str}}/{deed}") for deed in ("confirm", "decline", "withdraw"))}
PREMISES = {("GET", "/enterprise"), ("GET", "/enterprise/board.pdf")}
ENTERPRISE = PREMISES | {("POST", "/enterprise/site-link")}

WHO = {
    "public": PUBLIC,
    "administrator": PUBLIC | SIGNED_IN | OFFICE | ADMINISTRATOR | CUSTODY | ASKS,
    "custodian": PUBLIC | SIGNED_IN | CUSTODY | ASKS,
    "office": PUBLIC | SIGNED_IN | OFFICE,
    "inspector": PUBLIC | SIGNED_IN | FIELD,
    "enterprise": PUBLIC | SIGNED_IN | ENTERPRISE,
    "on site": PUBLIC | ON_SITE | PREMISES,
    "half in": PUBLIC | HALF_IN | {("POST", "/sign-out")},
}
EVERYTHING = PUBLIC | HALF_IN | SIGNED_IN | OFFICE | ADMINISTRATOR | CUSTODY | ASKS | FIELD | ENTERPRISE
