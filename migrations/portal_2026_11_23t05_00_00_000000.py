"""The beginning: every table of the portal as it stood when the eleven migrations of the unreleased 0.1.0 became this one.

What stands on those eleven comes here by ``migrations/before/``. From here on migrations are only added.

Names of constraints and indexes are those that stand in databases already; in new ones they are the same. An empty text is the
default of most columns and says "nothing was said"; what may be unknown is null. Public ids have no default: whoever writes a
row chooses its id (``portal.storage.columns.public_id``).
"""

import re

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from procrastinate.schema import SchemaManager

from portal.storage.migrations import script

ID = "2026-11-23T05:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "the beginning: all tables of 0.1.0"

# Nothing of the register is deleted by cascade; stands for {KEY} below
KEY = "on delete restrict on update restrict"

TYPES = r"""
-- Bytes that only a key can open: plain text is no value of a sealed column
create domain sealed as bytea check (value is null or (octet_length(value) >= 29 and get_byte(value, 0) = 1));

-- Full width, case, blanks and signs are how a number is written, not which it is; so are +86 and a leading zero. No number is
-- null, which equals nothing and which an index finds nowhere: most people have no certificate
create function human_mark(said text) returns text language sql immutable parallel safe as $$
        select nullif(regexp_replace(regexp_replace(
            upper(regexp_replace(normalize(said, nfkc), '[[:space:][:punct:]—–]', '', 'g')),
            '^(00)?86(\d{10,})$', '\2'), '^0+(\d{7,})$', '\1'), '')
    $$;
"""

STORAGE = """
-- A file under a generated name. The client's own name is never kept.
create table stored_file (
    id bigserial constraint stored_file_pkey primary key,
    public_id varchar(20) not null constraint stored_file_public_id_key unique,
    name varchar(80) default '' not null constraint stored_file_name_key unique,
    kind varchar(16) default '' not null,
    mime varchar(40) default '' not null,
    digest varchar(64) default '' not null,
    size integer default 0 not null,
    width integer,
    height integer,
    created_at timestamptz default current_timestamp not null
);

-- One gram of one thing's searchable text; unique together, so that a query counts distinct grams.
create table search_gram (
    id bigserial constraint search_gram_pkey primary key,
    kind varchar(16) default '' not null,
    gram varchar(24) default '' not null,
    subject bigint default 0 not null,
    constraint search_gram_rule1 unique (kind, gram, subject)
);
create index search_gram_by1 on search_gram (kind, subject);
"""

AREAS = """
-- A division of the country (辖区), or a zone that counts as one. path runs from the top: /32/3205/320506/.
create table jurisdiction (
    id bigserial constraint jurisdiction_pkey primary key,
    public_id varchar(20) not null constraint jurisdiction_public_id_key unique,
    code varchar(20) default '' not null constraint jurisdiction_code_key unique,
    name varchar(60) default '' not null,
    pinyin varchar(200) default '' not null,
    kind varchar(12) default '' not null,
    parent bigint constraint jurisdiction_parent_fkey references jurisdiction (id) {KEY},
    path varchar(200) default '' not null constraint jurisdiction_path_key unique,
    region varchar(40) default null,
    since date default current_date not null,
    until date,
    constraint jurisdiction_rule1 check (until is null or until >= since)
);
create index jurisdiction_parent on jurisdiction (parent);
create index jurisdiction_region on jurisdiction (region) where region is not null;
create index jurisdiction_towns on jurisdiction (path collate "C") where kind not in ('village', 'community');

-- An office or organisation (部门、单位) of a kind that its region's scheme knows.
create table unit (
    id bigserial constraint unit_pkey primary key,
    public_id varchar(20) not null constraint unit_public_id_key unique,
    region varchar(40) default '' not null,
    kind varchar(40) default '' not null,
    name varchar(80) default '' not null,
    pinyin varchar(200) default '' not null,
    phone varchar(30) default '' not null,
    jurisdiction bigint not null constraint unit_jurisdiction_fkey references jurisdiction (id) {KEY},
    since date default current_date not null,
    until date,
    constraint unit_rule1 check (until is null or until >= since)
);
create index unit_by1 on unit (jurisdiction);
create index unit_by2 on unit (pinyin, public_id);

-- Grids of one place that were filed together (备案), with whom, and what came of it. form is the id that the form had
-- before it was sent: sent twice, filed once.
create table filing (
    id bigserial constraint filing_pkey primary key,
    public_id varchar(20) not null constraint filing_public_id_key unique,
    form varchar(20) not null constraint filing_form_key unique,
    region varchar(40) not null,
    edition varchar(60) not null,
    rule varchar(40) not null,
    jurisdiction bigint not null constraint filing_jurisdiction_fkey references jurisdiction (id) {KEY},
    unit bigint not null constraint filing_unit_fkey references unit (id) {KEY},
    office bigint not null constraint filing_office_fkey references unit (id) {KEY},
    filed_on date not null,
    filed_by_name varchar(80) not null,
    state varchar(12) default 'waiting' not null,
    number varchar(60) default '' not null,
    reason text default '' not null,
    decided_on date,
    constraint filing_check check ((state = 'waiting') = (decided_on is null)),
    constraint filing_check1 check ((state = 'accepted') = (number <> '')),
    constraint filing_check2 check ((state = 'returned') = (reason <> '')),
    constraint filing_check3 check (decided_on >= filed_on),
    constraint filing_state_check check (state in ('waiting', 'accepted', 'returned', 'withdrawn'))
);
create index filing_office on filing (office) where state = 'waiting';
create index filing_place on filing (jurisdiction, id);
create unique index filing_waiting on filing (region, rule, jurisdiction) where state = 'waiting';

-- A figure of a region's scheme that a place made stricter (细化): which, what it is there, and who says so. figure names it
-- as in portal.scheme.refining, months to number are its value, whichever it is made of.
create table refinement (
    id bigserial constraint refinement_pkey primary key,
    public_id varchar(20) not null constraint refinement_public_id_key unique,
    region varchar(40) not null,
    edition varchar(60) not null,
    jurisdiction bigint not null constraint refinement_jurisdiction_fkey references jurisdiction (id) {KEY},
    figure varchar(80) not null,
    months integer not null,
    weeks integer not null,
    days integer not null,
    working_days integer not null,
    number integer not null,
    document varchar(120) not null,
    clause varchar(60) not null,
    gist varchar(200) not null,
    written_at timestamptz not null,
    written_by bigint,
    since date not null,
    until date,
    constraint refinement_check check (until is null or until >= since),
    constraint refinement_int8range_int8range1_daterange_excl exclude using gist (int8range(jurisdiction, jurisdiction, '[]')
        with &&, int8range(hashtext(region || figure), hashtext(region || figure), '[]') with &&, daterange(since, until) with
        &&)
);

-- A grid (网格) of a tier. area_note tells its borders in words, as the board does. enterprise is the one that the grid is,
-- where its tier says so: an id of a wing above, bound by the migrations.
create table grid (
    id bigserial constraint grid_pkey primary key,
    public_id varchar(20) not null constraint grid_public_id_key unique,
    region varchar(40) default '' not null,
    edition varchar(60) default '' not null,
    tier varchar(40) default '' not null,
    code varchar(40) default '' not null,
    name varchar(80) default '' not null,
    pinyin varchar(200) default '' not null,
    area_note text default '' not null,
    jurisdiction bigint not null constraint grid_jurisdiction_fkey references jurisdiction (id) {KEY},
    parent bigint constraint grid_parent_fkey references grid (id) {KEY},
    since date default current_date not null,
    until date,
    enterprise bigint,
    constraint grid_rule1 check (until is null or until >= since),
    constraint grid_rule2 unique (region, code)
);
create index grid_by1 on grid (jurisdiction);
create index grid_by2 on grid (parent);
create index grid_by3 on grid (region, tier);
create index grid_by4 on grid (code, public_id);
create unique index grid_enterprise on grid (enterprise, tier) where enterprise is not null;

-- A division that lies in a grid. Enterprises there belong to it, where their class's tier says so.
create table grid_ground (
    id bigserial constraint grid_ground_pkey primary key,
    grid bigint not null constraint grid_ground_grid_fkey references grid (id) {KEY},
    division bigint not null constraint grid_ground_division_fkey references jurisdiction (id) {KEY},
    since date default current_date not null,
    until date,
    constraint grid_ground_rule1 check (until is null or until >= since),
    constraint grid_ground_rule2 exclude using gist (int8range(grid, grid, '[]') with &&, int8range(division, division, '[]')
        with &&, daterange(since, until) with &&)
);
create index grid_ground_by1 on grid_ground (grid);
create index grid_ground_by2 on grid_ground (division);

-- A grid as it was filed, and as it had last been put on file before.
create table filed_grid (
    id bigserial constraint filed_grid_pkey primary key,
    filing bigint not null constraint filed_grid_filing_fkey references filing (id) {KEY},
    grid bigint not null constraint filed_grid_grid_fkey references grid (id) {KEY},
    before jsonb,
    drawn jsonb not null,
    constraint filed_grid_filing_grid_key unique (filing, grid)
);
create index filed_grid_found on filed_grid (grid, filing);

-- A grid of another system (such as 综治网格), and the grid of ours that it lies in, once somebody said so.
create table outside_grid (
    id bigserial constraint outside_grid_pkey primary key,
    public_id varchar(20) not null constraint outside_grid_public_id_key unique,
    region varchar(40) not null,
    system varchar(40) not null,
    code varchar(40) not null,
    name varchar(80) not null,
    jurisdiction bigint not null constraint outside_grid_jurisdiction_fkey references jurisdiction (id) {KEY},
    grid bigint constraint outside_grid_grid_fkey references grid (id) {KEY},
    since date not null,
    until date,
    constraint outside_grid_check check (until is null or until >= since)
);
create unique index outside_grid_code on outside_grid (region, system, code) where until is null;
create index outside_grid_found on outside_grid (grid) where grid is not null;
create index outside_grid_place on outside_grid (jurisdiction);
"""

PEOPLE = """
-- A person of the register. phone is the one that boards show: a work number, never a private one unasked.
create table person (
    id bigserial constraint person_pkey primary key,
    public_id varchar(20) not null constraint person_public_id_key unique,
    name varchar(60) default '' not null,
    pinyin varchar(200) default '' not null,
    phone varchar(30) default '' not null,
    badge varchar(40) default '' not null,
    certificate varchar(60) default '' not null,
    portrait bigint constraint person_portrait_fkey references stored_file (id) {KEY},
    unit bigint constraint person_unit_fkey references unit (id) {KEY},
    jurisdiction bigint not null constraint person_jurisdiction_fkey references jurisdiction (id) {KEY},
    since date default current_date not null,
    until date,
    constraint person_rule1 check (until is null or until >= since)
);
create index person_badge_mark on person (human_mark(badge));
create index person_by1 on person (jurisdiction);
create index person_by2 on person (pinyin, public_id);
create index person_certificate_mark on person (human_mark(certificate));
create index person_phone_mark on person (human_mark(phone));

-- A person at a post's seat (任职): a grid, a unit or an enterprise. reason is why this departs from what is usual.
create table appointment (
    id bigserial constraint appointment_pkey primary key,
    public_id varchar(20) not null constraint appointment_public_id_key unique,
    person bigint not null constraint appointment_person_fkey references person (id) {KEY},
    region varchar(40) default '' not null,
    edition varchar(60) default '' not null,
    post varchar(40) default '' not null,
    grid bigint constraint appointment_grid_fkey references grid (id) {KEY},
    unit bigint constraint appointment_unit_fkey references unit (id) {KEY},
    enterprise bigint,
    since date default current_date not null,
    until date,
    reason varchar(200) default '' not null,
    constraint appointment_rule1 check (until is null or until >= since),
    constraint appointment_rule2 check (num_nonnulls(grid, unit, enterprise) = 1),
    constraint appointment_rule4 exclude using gist (int8range(person, person, '[]') with &&, int8range(hashtext(post),
        hashtext(post), '[]') with &&, int8range(coalesce(grid, -1), coalesce(grid, -1), '[]') with &&,
        int8range(coalesce(unit, -1), coalesce(unit, -1), '[]') with &&, int8range(coalesce(enterprise, -1),
        coalesce(enterprise, -1), '[]') with &&, daterange(since, until) with &&)
);
create index appointment_by1 on appointment (person);
create index appointment_by2 on appointment (grid) where grid is not null;
create index appointment_by3 on appointment (unit) where unit is not null;
create index appointment_by4 on appointment (enterprise) where enterprise is not null;

-- A direct interest (直接利害关系) of a person in an enterprise or in another person. Whoever has one stands back (回避). instead
-- is who sees to that enterprise in their place.
create table interest (
    id bigserial constraint interest_pkey primary key,
    public_id varchar(20) not null constraint interest_public_id_key unique,
    person bigint not null constraint interest_person_fkey references person (id) {KEY},
    enterprise bigint,
    other bigint constraint interest_other_fkey references person (id) {KEY},
    instead bigint constraint interest_instead_fkey references person (id) {KEY},
    kind varchar(12) default '' not null,
    note varchar(200) default '' not null,
    since date default current_date not null,
    until date,
    constraint interest_holds1 check (until is null or until >= since),
    constraint interest_holds2 check (num_nonnulls(enterprise, other) = 1 and other is distinct from person)
);
create index interest_found on interest (enterprise) where enterprise is not null;
"""

ENTERPRISES = """
-- An enterprise (生产经营单位). drawn_grid says in which drawn grid the address lies, where no division tells.
create table enterprise (
    id bigserial constraint enterprise_pkey primary key,
    public_id varchar(20) not null constraint enterprise_public_id_key unique,
    region varchar(40) default '' not null,
    credit_code varchar(18) default null,
    name varchar(120) default '' not null,
    pinyin varchar(200) default '' not null,
    division bigint not null constraint enterprise_division_fkey references jurisdiction (id) {KEY},
    address varchar(200) default '' not null,
    drawn_grid bigint constraint enterprise_drawn_grid_fkey references grid (id) {KEY},
    contact varchar(60) default '' not null,
    phone varchar(30) default '' not null,
    since date default current_date not null,
    until date,
    constraint enterprise_rule1 check (until is null or until >= since)
);
create index enterprise_by1 on enterprise (division);
create index enterprise_by2 on enterprise (pinyin, public_id);
create index enterprise_by3 on enterprise (drawn_grid) where drawn_grid is not null;
create unique index enterprise_by4 on enterprise (credit_code) where credit_code is not null;

-- What was true of an enterprise from when to when; one timeline per fact, without overlaps.
create table enterprise_fact (
    id bigserial constraint enterprise_fact_pkey primary key,
    enterprise bigint not null constraint enterprise_fact_enterprise_fkey references enterprise (id) {KEY},
    fact varchar(40) default '' not null,
    value varchar(40) default '' not null,
    since date default current_date not null,
    until date,
    constraint enterprise_fact_rule1 check (until is null or until >= since),
    constraint enterprise_fact_rule2 exclude using gist (int8range(enterprise, enterprise, '[]') with &&,
        int8range(hashtext(fact), hashtext(fact), '[]') with &&, daterange(since, until) with &&)
);
create index enterprise_fact_by1 on enterprise_fact (enterprise, fact, since);

-- Where an enterprise belonged from when to when, and why; one timeline per enterprise, without overlaps.
create table placement (
    id bigserial constraint placement_pkey primary key,
    enterprise bigint not null constraint placement_enterprise_fkey references enterprise (id) {KEY},
    outcome varchar(16) default '' not null,
    klass varchar(40) default null,
    grid bigint constraint placement_grid_fkey references grid (id) {KEY},
    because jsonb default '{}' not null,
    edition varchar(60) default '' not null,
    since date default current_date not null,
    until date,
    constraint placement_rule1 check (until is null or until >= since),
    constraint placement_rule2 check ((outcome = 'placed') = (grid is not null)),
    constraint placement_rule3 exclude using gist (int8range(enterprise, enterprise, '[]') with &&, daterange(since, until)
        with &&)
);
create index placement_by1 on placement (enterprise, since);
create index placement_by2 on placement (grid, since);
create index placement_ruled on placement (edition, coalesce(until, 'infinity'::date));

-- An office that answers for an enterprise on a line (条线), from when to when; one at a time on each line.
create table charge (
    id bigserial constraint charge_pkey primary key,
    public_id varchar(20) not null constraint charge_public_id_key unique,
    enterprise bigint not null constraint charge_enterprise_fkey references enterprise (id) {KEY},
    line varchar(40) default '' not null,
    unit bigint not null constraint charge_unit_fkey references unit (id) {KEY},
    since date default current_date not null,
    until date,
    constraint charge_holds1 check (until is null or until >= since),
    constraint charge_holds2 exclude using gist (int8range(enterprise, enterprise, '[]') with &&, int8range(hashtext(line),
        hashtext(line), '[]') with &&, daterange(since, until) with &&)
);
create index charge_found on charge (enterprise, line);
"""

ACCESS = """
-- A way to sign in; it may belong to a person of the register. second is the sealed secret of its second factor,
-- second_step the time step of the last code that was taken, so that no code counts twice.
create table account (
    id bigserial constraint account_pkey primary key,
    public_id varchar(20) not null constraint account_public_id_key unique,
    login varchar(40) default '' not null constraint account_login_key unique,
    name varchar(80) default '' not null,
    password varchar(200) default '' not null,
    person bigint constraint account_rule1 references person (id),
    must_change boolean default false not null,
    active boolean default true not null,
    created_at timestamptz default current_timestamp not null,
    second sealed default null,
    second_step bigint default 0 not null
);

-- Failed sign-ins of one account from one device or network; the key is a keyed hash, no address is stored.
create table sign_in_throttle (
    id bigserial constraint sign_in_throttle_pkey primary key,
    key varchar(64) default '' not null constraint sign_in_throttle_key_key unique,
    failures integer default 0 not null,
    last_at timestamptz default current_timestamp not null
);

-- Somebody covers an absence (代办): from since until the day before until they see what the absent one would.
create table deputy (
    id bigserial constraint deputy_pkey primary key,
    public_id varchar(20) not null constraint deputy_public_id_key unique,
    absent bigint not null constraint deputy_absent_fkey references account (id) {KEY},
    deputy bigint not null constraint deputy_deputy_fkey references account (id) {KEY},
    since date default current_date not null,
    until date default current_date not null,
    constraint deputy_holds1 check (until > since),
    constraint deputy_holds2 check (absent <> deputy)
);
create index deputy_found on deputy (deputy, until);

-- A role that an account was given: for a jurisdiction's subtree, in a unit's name, or for one enterprise.
create table access_grant (
    id bigserial constraint access_grant_pkey primary key,
    account bigint not null constraint access_grant_account_fkey references account (id) {KEY},
    role varchar(16) default '' not null,
    area varchar(200) default null,
    unit bigint constraint access_grant_rule2 references unit (id),
    enterprise bigint constraint access_grant_rule3 references enterprise (id),
    since date default current_date not null,
    until date,
    constraint access_grant_rule1 check (until is null or until >= since)
);
create index access_grant_by1 on access_grant (account);

-- A signed-in browser. Only the hash of its token is kept; neither address nor browser is. confirmed says that the second
-- factor was shown. Behind a session that a link opened on site stands no account but an enterprise, and the name that the
-- person gave; it ends at ends_at.
create table session (
    id bigserial constraint session_pkey primary key,
    public_id varchar(20) not null constraint session_public_id_key unique,
    token varchar(64) default '' not null constraint session_token_key unique,
    account bigint constraint session_account_fkey references account (id) {KEY},
    csrf varchar(64) default '' not null,
    created_at timestamptz default current_timestamp not null,
    seen_at timestamptz default current_timestamp not null,
    confirmed boolean default false not null,
    ends_at timestamptz,
    enterprise bigint constraint session_holds2 references enterprise (id),
    name varchar(80) default '' not null,
    constraint session_holds1 check (num_nonnulls(account, enterprise) = 1)
);
create index session_by1 on session (account);

-- An address that works once and not for long. Only the hash of its secret is kept. purpose: invitation and reset let the
-- account choose its password; site lets somebody on the premises of an enterprise in for some hours.
create table one_time_link (
    id bigserial constraint one_time_link_pkey primary key,
    token varchar(64) default '' not null constraint one_time_link_token_key unique,
    purpose varchar(12) default '' not null,
    account bigint constraint one_time_link_account_fkey references account (id) {KEY},
    enterprise bigint constraint one_time_link_holds2 references enterprise (id),
    made_by bigint constraint one_time_link_made_by_fkey references account (id) {KEY},
    made_at timestamptz default current_timestamp not null,
    expires_at timestamptz default current_timestamp not null,
    used_at timestamptz,
    constraint one_time_link_holds1 check (num_nonnulls(account, enterprise) = 1)
);
create index one_time_link_found on one_time_link (account) where used_at is null;

-- What one administrator asks to do with an account that holds a sensitive role, or would; another human confirms it. deed
-- says what: an ask to make an account has no account yet, but the login and name that it is to have; a role is given as
-- in :class:Grant, and ending is the grant to end. outcome says how it ended, and is empty before.
create table access_ask (
    id bigserial constraint access_ask_pkey primary key,
    public_id varchar(20) not null constraint access_ask_public_id_key unique,
    deed varchar(8) default '' not null,
    account bigint constraint access_ask_account_fkey references account (id) {KEY},
    login varchar(40) default '' not null,
    name varchar(80) default '' not null,
    person bigint constraint access_ask_holds3 references person (id),
    role varchar(16) default '' not null,
    area varchar(200) default null,
    unit bigint constraint access_ask_holds4 references unit (id),
    enterprise bigint constraint access_ask_holds5 references enterprise (id),
    ending bigint constraint access_ask_ending_fkey references access_grant (id) {KEY},
    asked_by bigint not null constraint access_ask_asked_by_fkey references account (id) {KEY},
    asked_at timestamptz default current_timestamp not null,
    outcome varchar(10) default '' not null,
    ended_by bigint constraint access_ask_ended_by_fkey references account (id) {KEY},
    ended_at timestamptz,
    constraint access_ask_holds1 check (account is not null or deed = 'create'),
    constraint access_ask_holds2 check ((outcome = '') = (ended_at is null))
);
create index access_ask_found on access_ask (asked_at) where outcome = '';
"""

LEDGER = r"""
-- One act: who did what to which thing, when, with what. body is the canonical text that the chain covers.
create table ledger_entry (
    id bigserial constraint ledger_entry_pkey primary key,
    at timestamptz default current_timestamp not null,
    actor bigint,
    actor_name varchar(80) default '' not null,
    verb varchar(24) default '' not null,
    kind varchar(24) default '' not null,
    subject varchar(64) default '' not null,
    area varchar(200) default '' not null,
    body text default '' not null,
    prev bytea default '\x' not null,
    hash bytea default '\x' not null constraint ledger_entry_hash_key unique
);
create index ledger_entry_by1 on ledger_entry (kind, subject, id);

-- An event for listeners, from its day on; handled_at when they were done with it.
create table ledger_event (
    id bigserial constraint ledger_event_pkey primary key,
    at timestamptz default current_timestamp not null,
    name varchar(40) default '' not null,
    kind varchar(24) default '' not null,
    subject bigint default 0 not null,
    day date default current_date not null,
    handled_at timestamptz,
    "to" bigint
);
create index ledger_event_by1 on ledger_event (day) where handled_at is null;

-- An edition as it stood when it came into force here.
create table stored_edition (
    id bigserial constraint stored_edition_pkey primary key,
    region varchar(40) default '' not null,
    code varchar(60) default '' not null constraint stored_edition_code_key unique,
    canonical text default '' not null,
    digest varchar(64) default '' not null,
    stored_at timestamptz default current_timestamp not null
);
"""

DESK = """
-- Something that waits for a unit or for one person. title says what, never the content of a case.
create table inbox_item (
    id bigserial constraint inbox_item_pkey primary key,
    public_id varchar(20) not null constraint inbox_item_public_id_key unique,
    unit bigint constraint inbox_item_rule1 references unit (id),
    person bigint constraint inbox_item_rule2 references person (id),
    kind varchar(24) default '' not null,
    subject varchar(20) default '' not null,
    title varchar(200) default '' not null,
    due date,
    created_at timestamptz default current_timestamp not null,
    done_at timestamptz,
    constraint inbox_item_rule3 check (num_nonnulls(unit, person) > 0)
);
create index inbox_item_by1 on inbox_item (unit, due) where done_at is null;
create index inbox_item_by2 on inbox_item (person, due) where done_at is null;
create index inbox_item_by3 on inbox_item (kind, subject);

-- Long work: what was asked, how far it is, what came of it.
create table job (
    id bigserial constraint job_pkey primary key,
    public_id varchar(20) not null constraint job_public_id_key unique,
    task varchar(40) default '' not null,
    asked_by bigint default 0 not null constraint job_rule1 references account (id),
    asked jsonb default '{}' not null,
    state varchar(12) default 'waiting' not null,
    total integer default 0 not null,
    done integer default 0 not null,
    message text default '' not null,
    result jsonb default '{}' not null,
    created_at timestamptz default current_timestamp not null,
    finished_at timestamptz
);
create index job_by1 on job (asked_by, id);
"""

IMPORTS = """
-- A sheet that somebody brought: checked, then perhaps taken in, then perhaps undone. result is what came of it.
create table import_batch (
    id bigserial constraint import_batch_pkey primary key,
    public_id varchar(20) not null constraint import_batch_public_id_key unique,
    kind varchar(16) default '' not null,
    region varchar(40) default '' not null,
    area varchar(200) default '' not null,
    file bigint constraint import_batch_file_fkey references stored_file (id) {KEY},
    state varchar(12) default 'waiting' not null,
    result jsonb default '{}' not null,
    asked_by bigint,
    asked_at timestamptz default current_timestamp not null,
    taken_on date,
    undone_at timestamptz
);

-- Something that an import touched: as it stood before (nothing where it came new) and right after.
create table import_row (
    id bigserial constraint import_row_pkey primary key,
    batch bigint not null constraint import_row_batch_fkey references import_batch (id) {KEY},
    kind varchar(16) default '' not null,
    subject bigint default 0 not null,
    name varchar(160) default '' not null,
    deed varchar(8) default '' not null,
    before jsonb,
    after jsonb
);
create index import_row_found on import_row (batch, id);
"""

BOARDS = """
-- A board on a wall. Its page is drawn from this one row: what is printed, what is true now, and the difference.
create table board (
    id bigserial constraint board_pkey primary key,
    code varchar(12) default '' not null constraint board_code_key unique,
    of varchar(12) default '' not null,
    region varchar(40) default '' not null,
    edition varchar(60) default '' not null,
    grid bigint constraint board_grid_fkey references grid (id) {KEY},
    enterprise bigint constraint board_enterprise_fkey references enterprise (id) {KEY},
    jurisdiction bigint not null constraint board_jurisdiction_fkey references jurisdiction (id) {KEY},
    version integer default 0 not null,
    issued_on date default current_date not null,
    trial boolean default false not null,
    printed jsonb default '{}' not null,
    live jsonb default '{}' not null,
    changed jsonb default '{}' not null,
    stale_since date,
    revoked_at timestamptz,
    revoked_why varchar(200) default '' not null,
    constraint board_rule1 check (num_nonnulls(grid, enterprise) = 1)
);
create unique index board_by1 on board (grid) where grid is not null and revoked_at is null;
create unique index board_by2 on board (enterprise) where enterprise is not null and revoked_at is null;
create index board_by3 on board (jurisdiction);
create index board_by4 on board (code) where stale_since is not null and revoked_at is null;
create index board_told on board (region, ((live ->> 'edition'))) where revoked_at is null;

-- What a board said when it was issued. The database refuses to change it.
create table board_version (
    id bigserial constraint board_version_pkey primary key,
    board bigint not null constraint board_version_board_fkey references board (id) {KEY},
    number integer default 0 not null,
    facts jsonb default '{}' not null,
    digest varchar(64) default '' not null,
    edition varchar(60) default '' not null,
    trial boolean default false not null,
    issued_at timestamptz default current_timestamp not null,
    issued_by bigint,
    constraint board_version_rule1 unique (board, number)
);

-- What a board's facts were taken from, so that a change finds exactly the boards that it touches.
create table board_source (
    id bigserial constraint board_source_pkey primary key,
    board bigint not null constraint board_source_board_fkey references board (id) {KEY},
    kind varchar(12) default '' not null,
    subject bigint default 0 not null,
    constraint board_source_rule1 unique (board, kind, subject)
);
create index board_source_by1 on board_source (kind, subject);
"""

OBLIGATIONS = """
-- How many things owe a demand in a window and how they stand: kept, since counting a province takes seconds. place is a
-- town or anything above one; owed to excused are its own figures with those of its villages, all_owed to all_excused
-- those of everything in it. version is that of the place when it was counted (see place_version).
create table tally (
    id bigserial constraint tally_pkey primary key,
    what varchar(160) not null,
    first date not null,
    at date not null,
    closed boolean not null,
    place bigint not null,
    owed integer not null,
    done integer not null,
    excused integer not null,
    all_owed integer not null,
    all_done integer not null,
    all_excused integer not null,
    version bigint not null,
    constraint tally_what_first_at_place_key unique (what, first, at, place)
);

-- A number of a place that every write moves which may change how obligations in it stand: those of a duty, where it falls
-- on days of a month; without a duty, all. The moves that were not added yet are not in it.
create table place_version (
    id bigserial constraint place_version_pkey primary key,
    place bigint not null,
    duty varchar(40) not null,
    month date not null,
    n bigint not null,
    constraint place_version_place_duty_month_key unique (place, duty, month)
);

-- A move of a place's version. Rows of their own, so that nobody who writes waits for somebody else.
create table place_move (
    id bigserial constraint place_move_pkey primary key,
    place bigint not null,
    duty varchar(40) not null,
    month date not null
);
create index place_move_place on place_move (place);

-- Something done that fulfils a duty (履职记录): by whom, on what, on which day. Withdrawn ones stay and count no more.
-- Without an enterprise, grid or unit it is the person themselves who owed it.
create table deed (
    id bigserial constraint deed_pkey primary key,
    public_id varchar(20) not null constraint deed_public_id_key unique,
    region varchar(40) not null,
    edition varchar(60) not null,
    duty varchar(40) not null,
    enterprise bigint constraint deed_enterprise_fkey references enterprise (id) {KEY},
    grid bigint constraint deed_grid_fkey references grid (id) {KEY},
    unit bigint constraint deed_unit_fkey references unit (id) {KEY},
    person bigint constraint deed_person_fkey references person (id) {KEY},
    day date not null,
    note text not null,
    points varchar(80)[] not null,
    attended varchar(80)[] not null,
    written_at timestamptz not null,
    written_by bigint constraint deed_written_by_fkey references account (id) {KEY},
    withdrawn_at timestamptz,
    withdrawn_why varchar(200) not null,
    constraint deed_check check (num_nonnulls(enterprise, grid, unit) = 1 or (num_nonnulls(enterprise, grid, unit) = 0 and
        person is not null))
);
create index deed_enterprise on deed (enterprise, duty, day) where enterprise is not null and withdrawn_at is null;
create index deed_grid on deed (grid, duty, day) where grid is not null and withdrawn_at is null;
create index deed_person on deed (person, duty, day);
create index deed_unit on deed (unit, duty, day) where unit is not null and withdrawn_at is null;
create index deed_window on deed (region, duty, day) include (enterprise) where withdrawn_at is null;

-- Why a duty was not done in one window, given by an office that may say so (情况说明).
create table excuse (
    id bigserial constraint excuse_pkey primary key,
    public_id varchar(20) not null constraint excuse_public_id_key unique,
    region varchar(40) not null,
    duty varchar(40) not null,
    enterprise bigint constraint excuse_enterprise_fkey references enterprise (id) {KEY},
    grid bigint constraint excuse_grid_fkey references grid (id) {KEY},
    unit bigint constraint excuse_unit_fkey references unit (id) {KEY},
    person bigint constraint excuse_person_fkey references person (id) {KEY},
    first date not null,
    last date not null,
    why varchar(200) not null,
    written_at timestamptz not null,
    written_by bigint constraint excuse_written_by_fkey references account (id) {KEY},
    withdrawn_at timestamptz,
    constraint excuse_check check (num_nonnulls(enterprise, grid, unit, person) = 1),
    constraint excuse_check1 check (last >= first)
);
create unique index excuse_enterprise on excuse (enterprise, duty, first, last) where enterprise is not null and withdrawn_at
    is null;
create unique index excuse_grid on excuse (grid, duty, first, last) where grid is not null and withdrawn_at is null;
create unique index excuse_person on excuse (person, duty, first, last) where person is not null and withdrawn_at is null;
create unique index excuse_unit on excuse (unit, duty, first, last) where unit is not null and withdrawn_at is null;
"""

FEEDBACK = r"""
-- A photo that was uploaded with a form that is not sent yet. Sealed with a key that only the form's id gives.
create table feedback_draft_photo (
    id bigserial constraint feedback_draft_photo_pkey primary key,
    public_id varchar(20) not null constraint feedback_draft_photo_public_id_key unique,
    form bytea default '\x' not null,
    file bigint not null constraint feedback_draft_photo_file_fkey references stored_file (id) {KEY},
    thumb sealed default '\x' not null,
    created_at timestamptz default current_timestamp not null
);
create index feedback_draft_photo_form on feedback_draft_photo (form);

-- A contact or a report. form is the keyed hash of the client's form id: sent twice, it is one case.
create table feedback_case (
    id bigserial constraint feedback_case_pkey primary key,
    public_id varchar(20) not null constraint feedback_case_public_id_key unique,
    kind varchar(12) default '' not null,
    state varchar(12) default '' not null,
    region varchar(40) default '' not null,
    edition varchar(60) default '' not null,
    board bigint constraint feedback_case_board_fkey references board (id) {KEY},
    enterprise bigint constraint feedback_case_rule1 references enterprise (id),
    jurisdiction bigint not null constraint feedback_case_jurisdiction_fkey references jurisdiction (id) {KEY},
    unit bigint constraint feedback_case_unit_fkey references unit (id) {KEY},
    person bigint constraint feedback_case_person_fkey references person (id) {KEY},
    route_because jsonb default '{}' not null,
    due date,
    due_because jsonb default '[]' not null,
    key sealed default '\x' not null,
    contact sealed default null,
    form bytea default '\x' not null constraint feedback_case_form_key unique,
    bucket varchar(6) default '' not null,
    receipt varchar(200) default '' not null,
    opened_at timestamptz default current_timestamp not null,
    closed_at timestamptz
);
create index feedback_case_bucket on feedback_case (bucket);
create index feedback_case_by1 on feedback_case (unit, state);
create index feedback_case_by2 on feedback_case (person, state);

-- A step of a case: what the reporter or the office said, and when. author is the account, never the reporter.
create table feedback_step (
    id bigserial constraint feedback_step_pkey primary key,
    public_id varchar(20) not null constraint feedback_step_public_id_key unique,
    "case" bigint not null constraint feedback_step_case_fkey references feedback_case (id) {KEY},
    step varchar(12) default '' not null,
    author bigint,
    author_name varchar(80) default '' not null,
    text sealed default '\x' not null,
    form bytea default '\x' not null constraint feedback_step_form_key unique,
    at timestamptz default current_timestamp not null
);
create index feedback_step_by1 on feedback_step ("case", id);

-- A photo of a step: written anew without metadata, stored sealed with the case's key.
create table feedback_photo (
    id bigserial constraint feedback_photo_pkey primary key,
    public_id varchar(20) not null constraint feedback_photo_public_id_key unique,
    "case" bigint not null constraint feedback_photo_case_fkey references feedback_case (id) {KEY},
    step bigint not null constraint feedback_photo_step_fkey references feedback_step (id) {KEY},
    file bigint not null constraint feedback_photo_file_fkey references stored_file (id) {KEY},
    place integer default 0 not null
);
create index feedback_photo_by1 on feedback_photo (step);
create index feedback_photo_by2 on feedback_photo ("case");
"""

COMPLAINTS = r"""
-- A complaint. unit is the office outside the chain that keeps it; number is what people call it by. about seals what it
-- is about (board, place, people, topic) and who stood back from it, as JSON; chain_head and chain_length tell where its
-- chain ends, so that a cut end shows.
create table complaint (
    id bigserial constraint complaint_pkey primary key,
    public_id varchar(20) not null constraint complaint_public_id_key unique,
    number varchar(12) default '' not null constraint complaint_number_key unique,
    state varchar(12) default '' not null,
    edition varchar(60) default '' not null,
    unit bigint not null constraint complaint_unit_fkey references unit (id) {KEY},
    key sealed default '\x' not null,
    about sealed default '\x' not null,
    contact sealed default null,
    form bytea default '\x' not null constraint complaint_form_key unique,
    bucket varchar(6) default '' not null,
    receipt varchar(200) default '' not null,
    due date,
    due_because jsonb default '[]' not null,
    opened_at timestamptz default current_timestamp not null,
    closed_at timestamptz,
    chain_head bytea default '\x' not null,
    chain_length integer default 0 not null
);
create index complaint_bucket on complaint (bucket);
create index complaint_found on complaint (unit, id) where state <> 'closed';

-- Something that was said: by the reporter (no author), or by a custodian.
create table complaint_step (
    id bigserial constraint complaint_step_pkey primary key,
    public_id varchar(20) not null constraint complaint_step_public_id_key unique,
    complaint bigint not null constraint complaint_step_complaint_fkey references complaint (id) {KEY},
    step varchar(12) default '' not null,
    author bigint,
    text sealed default '\x' not null,
    form bytea default '\x' not null constraint complaint_step_form_key unique,
    at timestamptz default current_timestamp not null
);
create index complaint_step_found on complaint_step (complaint, id);

-- A photo of a step, written anew without metadata and sealed, in the complaints' own folder.
create table complaint_photo (
    id bigserial constraint complaint_photo_pkey primary key,
    public_id varchar(20) not null constraint complaint_photo_public_id_key unique,
    complaint bigint not null constraint complaint_photo_complaint_fkey references complaint (id) {KEY},
    step bigint not null constraint complaint_photo_step_fkey references complaint_step (id) {KEY},
    file varchar(80) default '' not null constraint complaint_photo_file_key unique,
    place integer default 0 not null
);
create index complaint_photo_found on complaint_photo (complaint, step);

-- What a custodian wrote anew for those who look into it (转办单): to whom, in which words.
create table complaint_sheet (
    id bigserial constraint complaint_sheet_pkey primary key,
    public_id varchar(20) not null constraint complaint_sheet_public_id_key unique,
    complaint bigint not null constraint complaint_sheet_complaint_fkey references complaint (id) {KEY},
    recipient sealed default '\x' not null,
    text sealed default '\x' not null,
    author bigint default 0 not null,
    at timestamptz default current_timestamp not null
);

-- That something waits for the custodians of an office: which kind of thing, never a word of it.
create table complaint_notice (
    id bigserial constraint complaint_notice_pkey primary key,
    complaint bigint not null constraint complaint_notice_complaint_fkey references complaint (id) {KEY},
    unit bigint not null constraint complaint_notice_unit_fkey references unit (id) {KEY},
    kind varchar(12) default '' not null,
    at timestamptz default current_timestamp not null,
    done_at timestamptz
);
create index complaint_notice_found on complaint_notice (unit, id) where done_at is null;

-- One act in a complaint's own chain, every reading included. The database refuses to change or delete it.
create table complaint_entry (
    id bigserial constraint complaint_entry_pkey primary key,
    complaint bigint not null constraint complaint_entry_complaint_fkey references complaint (id) {KEY},
    number integer default 0 not null,
    at timestamptz default current_timestamp not null,
    actor bigint,
    verb varchar(24) default '' not null,
    body sealed default '\x' not null,
    prev bytea default '\x' not null,
    hash bytea default '\x' not null constraint complaint_entry_hash_key unique,
    constraint complaint_entry_holds1 unique (complaint, number)
);

-- Two people open a complaint that its custodians can't: asked for with a reason by one, confirmed by another. complaint
-- is empty where the number that they gave is none that they may open; they learn no more than that.
create table complaint_break_glass (
    id bigserial constraint complaint_break_glass_pkey primary key,
    public_id varchar(20) not null constraint complaint_break_glass_public_id_key unique,
    number bytea default '\x' not null,
    reason sealed default '\x' not null,
    asked_by bigint default 0 not null,
    asked_at timestamptz default current_timestamp not null,
    confirmed_by bigint,
    confirmed_at timestamptz,
    complaint bigint constraint complaint_break_glass_complaint_fkey references complaint (id) {KEY},
    until timestamptz
);
"""

# Keys to tables that come later
KEYS_BETWEEN = """
alter table refinement add constraint refinement_written_by_fkey foreign key (written_by) references account (id) {KEY};
alter table grid add constraint grid_enterprise_fkey foreign key (enterprise) references enterprise (id) {KEY};
alter table appointment add constraint appointment_rule3 foreign key (enterprise) references enterprise (id);
alter table interest add constraint interest_holds3 foreign key (enterprise) references enterprise (id);
"""

# An office's telephone is many people's: here, unlike for complaints, it makes nobody the same human as another
VIEWS = """
-- Who stands back from which enterprise, under all rows of the same human
create view recusal as select i.enterprise, a.id as person, i.instead, i.since, i.until from interest i
    join person b on b.id = i.person
    join person a on a.id = b.id or human_mark(a.badge) = human_mark(b.badge)
        or human_mark(a.certificate) = human_mark(b.certificate)
    where i.enterprise is not null;
"""

# Rows that the database itself refuses to change or delete
STAYING = """
create function rows_stay() returns trigger language plpgsql as $$
begin
    raise exception 'rows of % stay as they were written', tg_table_name using errcode = 'restrict_violation';
end $$;
"""
STAY = ("ledger_entry", "stored_edition", "board_version", "complaint_entry")

# Where a row lies, and of which duty and day it tells; no duty where any may be meant. A refinement moves nothing: what it makes
# is another demand, which is counted on its own
PLACES = {
    "placement": "select t.division, '', null::date from changed c join enterprise t on t.id = c.enterprise",
    "appointment": "select t.jurisdiction, '', null::date from changed c join person t on t.id = c.person",
    "person": "select c.jurisdiction, '', null::date from changed c",
    "enterprise": "select c.division, '', null::date from changed c",
    "grid": "select c.jurisdiction, '', null::date from changed c",
    "unit": "select c.jurisdiction, '', null::date from changed c",
} | {
    table: f"""
        select coalesce(e.division, g.jurisdiction, u.jurisdiction, p.jurisdiction), c.duty, c.{day}
        from changed c left join enterprise e on e.id = c.enterprise left join grid g on g.id = c.grid
            left join unit u on u.id = c.unit
            left join person p on p.id = c.person and num_nonnulls(c.enterprise, c.grid, c.unit) = 0
    """
    for table, day in (("deed", "day"), ("excuse", "first"))
}
# The town of a village and everything above: the codes in its path
MOVES = """
    insert into place_move (place, duty, month) select distinct a.id, x.duty, x.month
    from (
            select distinct place, duty, coalesce(date_trunc('month', day)::date, '-infinity') as month
            from ({places}) as x(place, duty, day)
        ) x join jurisdiction t on t.id = x.place join jurisdiction a on a.code = any(string_to_array(btrim(t.path, '/'), '/'))
    where a.kind not in ('village', 'community')
"""
EVENTS = {"insert": "new", "update": "new", "delete": "old"}


def _trigger(table: str, event: str, side: str) -> str:
    both = " old table as gone" if event == "update" else ""
    moves = MOVES.format(places=PLACES[table])
    again = f"with changed as (select * from gone) {moves};" if event == "update" else ""
    return f"""
        create function {table}_moves_{event}() returns trigger language plpgsql as $$
            begin {moves}; {again} return null; end
        $$;
        create trigger {table}_moves_{event} after {event} on {table} referencing {side} table as changed{both}
            for each statement execute function {table}_moves_{event}();
    """


PARTS = (
    TYPES,
    STORAGE,
    AREAS,
    PEOPLE,
    ENTERPRISES,
    ACCESS,
    LEDGER,
    DESK,
    IMPORTS,
    BOARDS,
    OBLIGATIONS,
    FEEDBACK,
    COMPLAINTS,
    KEYS_BETWEEN,
    VIEWS,
)

OWN = re.findall(r"^create table (\w+)", "".join(PARTS), re.MULTILINE)
# The queue's things by the beginning of their names: another release of procrastinate may have others
DROP_QUEUE = """
do $$ declare thing record; begin
    for thing in select oid::regclass as name from pg_class where relname like 'procrastinate_%' and relkind = 'r' loop
        execute format('drop table if exists %s cascade', thing.name);
    end loop;
    for thing in select oid::regprocedure as name from pg_proc where proname like 'procrastinate_%' loop
        execute format('drop function if exists %s cascade', thing.name);
    end loop;
    for thing in select oid::regtype as name from pg_type where typname like 'procrastinate_%' loop
        execute format('drop type if exists %s cascade', thing.name);
    end loop;
end $$
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="portal", description=DESCRIPTION)

    async def up() -> None:
        for part in PARTS:
            await script(part.replace("{KEY}", KEY))
        await script(STAYING)
        for table in STAY:
            await script(
                f"create trigger {table}_stay before update or delete on {table} for each row execute function rows_stay();"
                f"create trigger {table}_stay_all before truncate on {table} execute function rows_stay();"
            )
        for table in PLACES:
            for event, side in EVENTS.items():
                await script(_trigger(table, event, side))
        # The queue's own tables, as the pinned version of procrastinate ships them
        await script(SchemaManager.get_schema())

    async def down() -> None:
        await script(DROP_QUEUE)
        await script(f"drop view recusal; drop table {', '.join(OWN)} cascade")
        functions = ["rows_stay", "human_mark", *(f"{table}_moves_{event}" for table in PLACES for event in EVENTS)]
        await script(f"drop function {', '.join(functions)}; drop domain sealed")

    manager.add_raw(up)
    manager.add_raw_backwards(down)
    return manager
