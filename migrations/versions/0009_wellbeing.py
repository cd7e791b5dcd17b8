"""Wheel templates with the proposed words, and wellbeing assessments with their entries.

The words are a proposal (``domain.md`` 1.1, 14.1): until the county has agreed on its own they are marked unverified.
"""

import json
from typing import Any

from alembic import op
from sqlalchemy import text

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

TEMPLATES = """
create table wheel_templates (
    id uuid not null constraint pk_wheel_templates primary key,
    code text not null,
    number integer not null,
    locale text not null,
    status text not null constraint ck_wheel_templates_status check (status in ('draft', 'published', 'retired')),
    scale text not null,
    scale_labels text[] not null,
    dimensions jsonb not null,
    hopes jsonb,
    labels_verified boolean not null,
    note text,
    maps_from_id uuid constraint fk_wheel_templates_maps_from_id references wheel_templates (id),
    published_at timestamptz,
    version integer not null default 1,
    constraint ck_wheel_templates_dimensions check (jsonb_array_length(dimensions) = 8),
    constraint ck_wheel_templates_scale_labels check (
        cardinality(scale_labels)
        = case scale when 'none' then 0 when 'frequency_4' then 4 when 'one_to_five' then 5 end
    ),
    constraint ck_wheel_templates_published check ((published_at is null) = (status = 'draft'))
);
create unique index uq_wheel_templates_code_locale_number on wheel_templates (code, locale, number);
create index ix_wheel_templates_maps_from_id on wheel_templates (maps_from_id);
grant select, insert, update on wheel_templates to tillsammans_program;
"""

OWNED = """
    owner_unit_id uuid not null constraint fk_{0}_owner_unit_id references units (id),
    owner_authority_id uuid not null constraint fk_{0}_owner_authority_id references authorities (id),
    municipality_code text"""

TABLES = {
    "wellbeing_assessments": """
    circle_id uuid not null,
    child_id uuid not null constraint fk_wellbeing_assessments_child_id references children (id),
    case_id uuid constraint fk_wellbeing_assessments_case_id references cases (id),
    template_id uuid not null constraint fk_wellbeing_assessments_template_id references wheel_templates (id),
    respondent text not null,
    respondent_relation text,
    held_on date not null,
    setting text,
    recorded_by uuid not null constraint fk_wellbeing_assessments_recorded_by references users (id),
    status text not null constraint ck_wellbeing_assessments_status
        check (status in ('draft', 'shared_with_family', 'confirmed', 'superseded')),
    visible_to_guardians boolean,
    shared_at timestamptz,
    confirmed_at timestamptz,
    confirmed_by uuid constraint fk_wellbeing_assessments_confirmed_by references users (id),
    confirmed_how text,
    no_strength_reason text,
    supersedes_id uuid constraint fk_wellbeing_assessments_supersedes_id references wellbeing_assessments (id),
    correction_reason text,
    open_to text[] not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    version integer not null default 1,
    constraint ck_wellbeing_assessments_circle check (circle_id = coalesce(case_id, child_id)),
    constraint ck_wellbeing_assessments_shared check (
        status = 'draft' or (shared_at is not null and visible_to_guardians is not null)
    ),
    constraint ck_wellbeing_assessments_confirmed check (
        (status in ('confirmed', 'superseded')) = (confirmed_at is not null and confirmed_by is not null
                                                   and confirmed_how is not null)
    ),
    constraint ck_wellbeing_assessments_correction check ((supersedes_id is null) = (correction_reason is null)),""",
    "wellbeing_entries": """
    circle_id uuid not null,
    assessment_id uuid not null constraint fk_wellbeing_entries_assessment_id references wellbeing_assessments (id),
    dimension text not null constraint ck_wellbeing_entries_dimension check (dimension in ('safe', 'healthy',
        'achieving', 'nurtured', 'active', 'respected', 'responsible', 'included', 'hopes')),
    strengths text[] not null,
    challenges text[] not null,
    own_words jsonb not null,
    scale_value integer,
    not_discussed boolean not null,
    open_to text[] not null,
    constraint ck_wellbeing_entries_not_discussed check (
        not_discussed = (cardinality(strengths) = 0 and cardinality(challenges) = 0 and own_words = '[]'
                         and scale_value is null)
    ),""",
}

INDEXES = """
create index ix_wellbeing_assessments_owner_unit_id on wellbeing_assessments (owner_unit_id, id);
create index ix_wellbeing_assessments_circle_id on wellbeing_assessments (circle_id, id);
create index ix_wellbeing_assessments_child_id on wellbeing_assessments (child_id, held_on, id);
create index ix_wellbeing_assessments_case_id on wellbeing_assessments (case_id);
create index ix_wellbeing_assessments_template_id on wellbeing_assessments (template_id);
create index ix_wellbeing_assessments_supersedes_id on wellbeing_assessments (supersedes_id);
create unique index uq_wellbeing_entries_assessment_id_dimension on wellbeing_entries (assessment_id, dimension);
create index ix_wellbeing_entries_circle_id on wellbeing_entries (circle_id);
"""

#: A confirmed wheel takes one more step, to superseded, and nothing else of it changes on the way.
WALL = """
call wall.protect_openly('wellbeing_assessments', 'circle_id', 'open_to');
call wall.final_when('wellbeing_assessments', $$
    old.status = 'superseded'
    or (old.status = 'confirmed' and (
        new.status <> 'superseded'
        or to_jsonb(new) - array['status', 'updated_at', 'version']
           <> to_jsonb(old) - array['status', 'updated_at', 'version']
    ))$$);
call wall.protect_openly('wellbeing_entries', 'circle_id', 'open_to');
call wall.final_when('wellbeing_entries', $$'wheel' = any (old.open_to)$$);
"""

SWEDISH = {
    "safe": ("Trygg", "Känner sig barnet tryggt hemma, i skolan och på vägen däremellan? Vem vänder sig barnet till?",
             "Var känner du dig trygg? Vem kan du gå till när något känns jobbigt?"),
    "healthy": ("Må bra", "Hur mår barnet i kroppen och i tankarna? Hur är det med sömn, mat och den hjälp som behövs?",
                "Hur mår du i kroppen och i huvudet? Vad gör att du mår bra?"),
    "achieving": ("Utvecklas", "Vad är barnet på väg att lära sig, hemma, i skolan och på fritiden? Vad hjälper till?",
                  "Vad tycker du om att lära dig? Vad vill du bli bättre på?"),
    "nurtured": ("Omvårdad", "Får barnet värme, omtanke och det som behövs i vardagen av dem som tar hand om det?",
                 "Vem tar hand om dig och bryr sig om hur du har det?"),
    "active": ("Aktiv", "Har barnet möjlighet att leka, röra sig och göra sådant som det tycker om?",
               "Vad tycker du om att göra när du är ledig?"),
    "respected": ("Respekterad", "Blir barnet lyssnat på, och är det med när något bestäms som rör det?",
                  "Lyssnar de vuxna på dig? Får du vara med och bestämma om det som gäller dig?"),
    "responsible": ("Ansvarstagande", "Får barnet ta ansvar efter sin ålder, med stöd av vuxna när det behövs?",
                    "Vad får du göra på egen hand? Vem hjälper dig när det är svårt?"),
    "included": ("Delaktig", "Är barnet med bland kamrater, i familjen och på fritiden, på sina egna villkor?",
                 "Var får du vara med? Finns det något som du vill vara med i?"),
    "hopes": ("Det jag hoppas på", "Vad önskar barnet och familjen ska bli annorlunda, och vad ska få vara som det är?",
              "Vad hoppas du på? Vad ska få vara precis som det är?"),
}  # fmt: skip
ENGLISH = {
    "safe": ("Safe", "Does the child feel safe at home, at school and on the way between? To whom does the child turn?",
             "Where do you feel safe? Who can you go to when something feels hard?"),
    "healthy": ("Healthy", "How is the child, in body and mind? How about sleep, food and the care that is needed?",
                "How do you feel in your body and in your mind? What makes you feel well?"),
    "achieving": ("Achieving", "What is the child learning, at home, at school and in free time? What helps?",
                  "What do you like to learn? What would you like to get better at?"),
    "nurtured": ("Nurtured", "Does the child get warmth, care and what everyday life needs from those around it?",
                 "Who looks after you and cares how you are?"),
    "active": ("Active", "Can the child play, move and do what it enjoys?",
               "What do you like to do in your free time?"),
    "respected": ("Respected", "Is the child listened to, and there when something is decided that concerns it?",
                  "Do grown-ups listen to you? Do you get a say in what is about you?"),
    "responsible": ("Responsible", "May the child take responsibility for its age, with support when it is needed?",
                    "What may you do on your own? Who helps you when it is difficult?"),
    "included": ("Included", "Is the child included among friends, in the family and in free time, on its own terms?",
                 "Where do you get to join in? Is there something that you would like to be part of?"),
    "hopes": ("Hopes for the future", "What would child and family like to change, and what should stay as it is?",
              "What do you hope for? What should stay just as it is?"),
}  # fmt: skip
OFTEN = ["aldrig", "ibland", "ofta", "alltid"]
UNVERIFIED = {
    "sv": "Orden är ett förslag och ännu inte fastställda i Sörmland.",
    "en": "The words are a proposal, not yet agreed on in Sörmland.",
}
ID = "00000004-0006-7000-a000-{:012}"
SEEDS: tuple[dict[str, Any], ...] = (
    {"id": ID.format(1), "number": 1, "locale": "sv", "scale": "none", "labels": [], "origin": None},
    {"id": ID.format(2), "number": 2, "locale": "sv", "scale": "frequency_4", "labels": OFTEN, "origin": ID.format(1)},
    {"id": ID.format(3), "number": 1, "locale": "en", "scale": "none", "labels": [], "origin": ID.format(1)},
)
INSERT = """
insert into wheel_templates (id, code, number, locale, status, scale, scale_labels, dimensions, hopes, labels_verified,
    note, maps_from_id, published_at)
values (cast(:id as uuid), 'sormland', :number, :locale, 'published', :scale, cast(:labels as text[]),
    cast(:dimensions as jsonb), cast(:hopes as jsonb), false, :note, cast(:origin as uuid), '2026-01-01Z')
"""


def words(texts: dict[str, tuple[str, str, str]]) -> tuple[list[dict[str, str]], dict[str, str]]:
    """The eight dimensions, and the hopes beside them."""
    asked = {
        dimension: {"label": label, "helpText": help_text, "childText": child_text}
        for dimension, (label, help_text, child_text) in texts.items()
    }
    hopes = asked.pop("hopes")
    return [{"dimension": dimension, **each} for dimension, each in asked.items()], hopes


def upgrade() -> None:
    op.execute(TEMPLATES)
    for seed in SEEDS:
        dimensions, hopes = words(SWEDISH if seed["locale"] == "sv" else ENGLISH)
        kept = {"dimensions": json.dumps(dimensions), "hopes": json.dumps(hopes), "note": UNVERIFIED[seed["locale"]]}
        op.execute(text(INSERT).bindparams(**seed, **kept))
    for table, columns in TABLES.items():
        key = f"id uuid not null constraint pk_{table} primary key,"
        op.execute(f"create table {table} ({key}{columns}{OWNED.format(table)})")
    op.execute(INDEXES)
    op.execute(WALL)


def downgrade() -> None:
    op.execute("drop table wellbeing_entries, wellbeing_assessments, wheel_templates")
