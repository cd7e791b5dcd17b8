"""All fixed words of the documents, in both languages, and the labels of the codes that a plan's snapshot holds."""

from collections.abc import Mapping

from app.codes import Text

#: Headings, column names and sentences, by the name the templates use.
WORDS: Mapping[str, Text] = {
    # both forms
    "protected": Text("Skyddad", "Protected"),
    "plan": Text("Plan", "Plan"),
    "page": Text("Sida", "Page"),
    "page_of": Text("av", "of"),
    "version": Text("Version", "Version"),
    "boxes": Text(
        "Tecken som visas som □ kan inte skrivas ut här. Hela texten finns på skärmen.",
        "Characters shown as □ cannot be printed here. The whole text is on the screen.",
    ),
    "unit": Text("Enhet", "Unit"),
    "name": Text("Namn", "Name"),
    "from": Text("Från", "From"),
    "until": Text("till", "to"),
    "due": Text("Senast", "By"),
    "no_dates": Text("Tiden är inte bestämd", "No time is set"),
    "care_contact": Text("Fast vårdkontakt", "Permanent care contact"),
    # the family's form
    "family_title": Text("Planen vi har gjort tillsammans", "The plan we made together"),
    "plan_for": Text("Planen är för", "The plan is for"),
    "made_on": Text("Planen är från", "The plan is from"),
    "whom_to_call": Text("Vem ringer jag?", "Whom do I call?"),
    "whom_to_call_about": Text("Ring om du undrar något.", "Call if you wonder about anything."),
    "nobody_to_call": Text(
        "Det står inte i planen än. Fråga den som gav dig planen.",
        "The plan does not say yet. Ask the person who gave you the plan.",
    ),
    "phone": Text("Telefon", "Phone"),
    "my_contact": Text("Min kontaktperson", "My contact person"),
    "my_coordinator": Text("Min samordnare", "My coordinator"),
    "matters_to_me": Text("Det här är viktigt för mig", "What matters to me"),
    "my_view": Text("Så här tycker jag", "What I think"),
    "in_short": Text("Planen med enkla ord", "The plan in simple words"),
    "we_want": Text("Det här vill vi", "What we want"),
    "who_does_what": Text("Vem gör vad, och när?", "Who does what, and when?"),
    "who_is_open": Text("Vi har inte bestämt vem", "We have not decided who"),
    "when": Text("När", "When"),
    "how_it_goes": Text("Hur det går", "How it goes"),
    "we_do": Text("Det här gör vi själva", "What we do ourselves"),
    "next_time": Text("Nästa gång vi ses", "Next time we meet"),
    "next_time_open": Text("Vi har inte bestämt någon dag än.", "We have not set a day yet."),
    "not_agreed": Text("Det här är vi inte överens om", "What we did not agree on"),
    "who_takes_part": Text("De här är med i planen", "Who takes part in the plan"),
    # the professionals' form
    "child": Text("Barn", "Child"),
    "birth_date": Text("Född", "Born"),
    "case": Text("Ärende", "Case"),
    "made": Text("Upprättad", "Made on"),
    "next_follow_up": Text("Nästa uppföljning", "Next follow-up"),
    "not_set": Text("Inte bestämt", "Not set"),
    "roles": Text("Roller", "Roles"),
    "role": Text("Roll", "Role"),
    "initiator": Text("Initiativtagare", "Initiator"),
    "chair": Text("Ordförande", "Chair"),
    "documenter": Text("Dokumentationsansvarig", "Documenter"),
    "main_responsible": Text("Huvudansvarig", "Main responsible"),
    "named_contact": Text("Namngiven kontaktperson", "Named contact"),
    "coordinator": Text("Samordnare", "Coordinator"),
    "background": Text("Bakgrund", "Background"),
    "need_reason": Text("Varför planen behövs", "Why the plan is needed"),
    "question": Text("Frågeställning", "Question"),
    "childs_voice": Text("Barnets röst", "The child's voice"),
    "what_matters": Text("Det är viktigt för barnet", "What matters to the child"),
    "child_view": Text("Barnets syn", "The child's view"),
    "child_view_missing": Text("Barnets syn saknas, eftersom", "The child's view is missing, because"),
    "guardian_view": Text("Vårdnadshavares syn", "The guardians' view"),
    "family_view": Text("Familjens syn", "The family's view"),
    "needs": Text("Behov", "Needs"),
    "need": Text("Behov", "Need"),
    "dimensions": Text("Välmåendehjulet", "Wellbeing wheel"),
    "goals": Text("Mål", "Goals"),
    "goal": Text("Mål", "Goal"),
    "horizon": Text("Sikt", "Term"),
    "evidence": Text("Så märks det", "How it shows"),
    "status": Text("Status", "Status"),
    "actions": Text("Insatser", "Actions"),
    "statutory_items": Text("Planens innehåll enligt lag", "What the law requires in the plan"),
    "statutory_source": Text(
        "De fyra punkterna följer av 16 kap. 4 § hälso- och sjukvårdslagen (2017:30) och 10 kap. 8–9 §§ "
        "socialtjänstlagen (2025:400).",
        "The four items follow from chapter 16, section 4 of the Health and Medical Services Act (2017:30) and "
        "chapter 10, sections 8–9 of the Social Services Act (2025:400).",
    ),
    "item_1": Text("1. Insatser som behövs", "1. Interventions needed"),
    "item_2": Text("2. Vilka insatser respektive huvudman ansvarar för", "2. Interventions each principal answers for"),
    "item_3": Text(
        "3. Åtgärder som vidtas av någon annan än regionen eller kommunen",
        "3. Measures taken by someone other than the region or the municipality",
    ),
    "item_4": Text(
        "4. Huvudman med det övergripande ansvaret för planen", "4. Principal with overall responsibility for the plan"
    ),
    "number": Text("Nr", "No."),
    "row_below": Text("Se raden under", "See the row below"),
    "what": Text("Vad", "What"),
    "who": Text("Vem", "Who"),
    "principal": Text("Huvudman", "Principal"),
    "result": Text("Resultat", "Result"),
    "answers_for": Text("Ansvarar för insats", "Answers for action"),
    "nothing": Text("Inget angivet.", "Nothing stated."),
    "parties": Text("Parter och godkännande", "Parties and acceptance"),
    "party": Text("Part", "Party"),
    "contact": Text("Kontakt", "Contact"),
    "accepted": Text("Godkänt", "Accepted"),
    "not_accepted": Text("Har inte godkänt än", "Has not accepted yet"),
    "disagreements": Text("Skilda meningar", "Disagreements"),
    "follow_ups": Text("Uppföljningar", "Follow-ups"),
    "follow_up": Text("Uppföljning", "Follow-up"),
    "outcome": Text("Utfall", "Outcome"),
    "note": Text("Kommentar", "Note"),
    "signatures": Text("Underskrifter", "Signatures"),
    "date": Text("Datum", "Date"),
}

_OUTCOMES: Mapping[str, Text] = {
    "open": Text("Pågår", "Open"),
    "reached": Text("Uppnått", "Reached"),
    "partly": Text("Delvis uppnått", "Partly reached"),
    "not": Text("Inte uppnått", "Not reached"),
    "not_reached": Text("Inte uppnått", "Not reached"),
    "changed": Text("Ändrat", "Changed"),
}

#: Labels of codes, by the list's name; a code that is not here is printed as it is.
LABELS: Mapping[str, Mapping[str, Text]] = {
    "kind": {
        "sip": Text("Samordnad individuell plan (SIP)", "Coordinated individual plan (SIP)"),
        "barnets_plan": Text("Barnets plan", "Child's plan"),
    },
    "initiator": {
        "family": Text("Familjen", "The family"),
        "child": Text("Barnet", "The child"),
        "professional": Text("Verksamheten", "Professionals"),
    },
    "principal": {
        "region": Text("Region", "Region"),
        "municipality": Text("Kommun", "Municipality"),
        "private": Text("Privat", "Private"),
        "civil_society": Text("Civilsamhälle", "Civil society"),
        "family": Text("Familj", "Family"),
        "other": Text("Annan", "Other"),
    },
    "standing": {
        "guardian": Text("Vårdnadshavare", "Guardian"),
        "child": Text("Barn", "Child"),
    },
    "horizon": {"short": Text("Kort", "Short"), "long": Text("Lång", "Long")},
    "outcome": _OUTCOMES,
    "action_status": {
        "planned": Text("Planerad", "Planned"),
        "ongoing": Text("Pågår", "Ongoing"),
        "done": Text("Klar", "Done"),
        "stopped": Text("Avbruten", "Stopped"),
    },
    # the same codes in the family's words
    "plain_horizon": {"short": Text("Snart", "Soon"), "long": Text("På längre sikt", "Later on")},
    "plain_outcome": {
        "open": Text("Vi håller på.", "We are working on it."),
        "reached": Text("Vi är framme.", "We are there."),
        "partly": Text("Vi har kommit en bit.", "We are part of the way."),
        "not_reached": Text("Vi är inte framme än.", "We are not there yet."),
        "changed": Text("Vi har ändrat målet.", "We changed the goal."),
    },
    "plain_action_status": {
        "planned": Text("Har inte börjat än", "Has not started yet"),
        "ongoing": Text("Har börjat", "Has started"),
        "done": Text("Klart", "Done"),
        "stopped": Text("Har slutat", "Has stopped"),
    },
}

#: Common symbols that the bundled fonts cannot draw, by name.
SYMBOLS: Mapping[str, Text] = {
    "😀": Text("glad", "happy"),
    "😃": Text("glad", "happy"),
    "😄": Text("glad", "happy"),
    "😁": Text("glad", "happy"),
    "😊": Text("nöjd", "content"),
    "🙂": Text("nöjd", "content"),
    "😂": Text("skrattar", "laughing"),
    "🤣": Text("skrattar", "laughing"),
    "😍": Text("älskar", "loving"),
    "🥰": Text("älskar", "loving"),
    "😐": Text("varken glad eller ledsen", "neither happy nor sad"),
    "😢": Text("ledsen", "sad"),
    "😭": Text("gråter", "crying"),
    "😞": Text("besviken", "disappointed"),
    "😟": Text("orolig", "worried"),
    "😱": Text("rädd", "scared"),
    "😡": Text("arg", "angry"),
    "😠": Text("arg", "angry"),
    "😴": Text("sover", "sleeping"),
    "👍": Text("tummen upp", "thumbs up"),
    "👎": Text("tummen ner", "thumbs down"),
    "👏": Text("applåd", "applause"),
    "💪": Text("stark", "strong"),
    "🙏": Text("tack", "thanks"),
    "💕": Text("hjärtan", "hearts"),
    "💔": Text("brustet hjärta", "broken heart"),
    "🎉": Text("fira", "celebrating"),
    "⚽": Text("fotboll", "football"),
    "🎮": Text("tv-spel", "video game"),
    "🎵": Text("musik", "music"),
    "🐶": Text("hund", "dog"),
    "🐱": Text("katt", "cat"),
    "🐴": Text("häst", "horse"),
    "🏠": Text("hem", "home"),
    "🏫": Text("skola", "school"),
}


def words_in(language: str) -> dict[str, str]:
    """Every fixed word in one language, ``sv`` or ``en``."""
    return {name: text.in_language(language) for name, text in WORDS.items()}


def labels_in(language: str) -> dict[str, dict[str, str]]:
    """The labels of every list of codes in one language, ``sv`` or ``en``."""
    return {
        name: {code: text.in_language(language) for code, text in labels.items()} for name, labels in LABELS.items()
    }


def symbols_in(language: str) -> dict[str, str]:
    """The names of common symbols in one language, ``sv`` or ``en``."""
    return {symbol: text.in_language(language) for symbol, text in SYMBOLS.items()}
