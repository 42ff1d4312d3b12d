"""Any form on any page: started for a person, filled in, kept while it is typed, finished into the record, printed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect, JsonResponse

from yba import access, accounts, forms, record
from yba.access import Right, needs
from yba.kit.errors import Invalid
from yba.web import assets, files, shell
from yba.web.render import environment
from yba.web.words import marked as _n

from . import form_person

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from yba.forms import Answers, Aside, Draft, Finished, Problem
    from yba.web.edge import Visit


_FACILITY: Final = _n("Hãy chọn cơ sở.")
_REFUSED: Final = 422  # what was sent is understood and not accepted
_SHOWN: Final = 12  # suggestions of a list


@needs(Right.FORMS_DRAFT_KEEP)
def start(visit: Visit, person: UUID) -> HttpResponse:
    """List the forms that may be filled in for a person, and those begun; a POST begins one or goes on with it."""
    facilities = sorted(access.places(visit.by, Right.FORMS_DRAFT_KEEP) or ())
    if visit.posted:
        facility = visit.text("facility", 10) or (facilities[0] if len(facilities) == 1 else "")
        if facility not in facilities:
            raise Invalid(visit.say(_FACILITY))
        form = forms.form(visit.text("form", 300), conn=visit.conn)
        draft = forms.open_draft(visit.conn, by=visit.by, form=form, person_id=person, facility=facility)
        return HttpResponseRedirect(f"/form/{draft.id}")
    if not access.reaches(visit.conn, by=visit.by, right=Right.RECORD_CLINICAL_READ, person_id=person):
        raise access.Denied(Right.RECORD_CLINICAL_READ)
    begun = forms.drafts(visit.conn, by=visit.by, person_id=person)
    return shell.answer(visit, "form/start", person=person, drafts=begun, forms=forms.forms(conn=visit.conn), facilities=facilities)


@needs(Right.FORMS_DRAFT_KEEP)
def fill(visit: Visit, draft: UUID) -> HttpResponse:
    """Show a draft; a POST keeps it, adds or takes out a row, drops it, or finishes it."""
    begun = forms.draft(visit.conn, by=visit.by, id=draft)
    if begun.state == "finished":
        return _done(visit, begun)
    if begun.state == "dropped":
        return HttpResponseRedirect(f"/record/{begun.person_id}")
    if not visit.posted:
        return _page(visit, begun, begun.answers, ())
    given, act = _given(visit, begun), visit.text("act", 10)
    if act == "drop":
        forms.drop(visit.conn, by=visit.by, draft=draft)
        return HttpResponseRedirect(f"/record/{begun.person_id}/forms")
    if act == "finish":
        return _finish(visit, begun, given)
    given, at = _rows(visit, begun, given)
    forms.keep(visit.conn, by=visit.by, draft=draft, answers=given, number=_number(visit))
    return HttpResponseRedirect(f"/form/{draft}?done=kept{at}")


def _rows(visit: Visit, begun: Draft, given: Answers) -> tuple[Answers, str]:
    """Add or take out the row a button names; where the page goes on."""
    added, gone = visit.text("add", 300), visit.text("del", 300)
    if added:
        return forms.add_row(begun.form, given, added), _anchor(begun, added)
    name, _, row = gone.rpartition(" ")
    if name and row.isascii() and row.isdigit():
        return forms.drop_row(begun.form, given, name, int(row)), _anchor(begun, name)
    return given, ""


def _anchor(begun: Draft, name: str) -> str:
    line = next((one for one in forms.view(begun.form, begun.answers).walk() if one.at == name), None)
    return f"#{line.id}-f" if line else ""


def _finish(visit: Visit, begun: Draft, given: Answers) -> HttpResponse:
    confirmed = frozenset(str(one)[:300] for one in visit.request.POST.getlist("ok"))
    done: Finished = forms.finish(visit.conn, by=visit.by, draft=begun.id, answers=given, number=_number(visit), confirmed=confirmed)
    if done.done:
        left = form_person.write(visit, done)
        return HttpResponseRedirect(f"/form/{begun.id}?left={','.join(left)}" if left else f"/form/{begun.id}")
    answer = _page(visit, done.draft, given, done.problems)
    answer.status_code = _REFUSED
    return answer


@needs(Right.FORMS_DRAFT_KEEP)
def keep(visit: Visit, draft: UUID) -> HttpResponse:
    """Keep what is typed, for htmx: when it was kept, the new number, what is calculated."""
    begun = forms.draft(visit.conn, by=visit.by, id=draft)
    if not visit.posted or begun.state != "open":
        return HttpResponseRedirect(f"/form/{draft}")
    given = _given(visit, begun)
    kept = forms.keep(visit.conn, by=visit.by, draft=draft, answers=given, number=_number(visit))
    mine = not any(one.by == visit.by.name for one in kept.aside)
    sheet = forms.view(begun.form, given, lang=visit.lang, patient=_patient(visit, begun))
    outputs = [line for line in sheet.walk() if line.control == "output" and line.item.calculated]
    html = (
        environment(visit.lang)
        .get_template("yba/form/kept.html")
        .render(lang=visit.lang, draft=kept, number=kept.number if mine else _number(visit), outputs=outputs)
    )
    return shell.harden(HttpResponse(html))


@needs(Right.FORMS_DRAFT_KEEP)
def take(visit: Visit, draft: UUID) -> HttpResponse:
    """Choose between what is kept and what stands beside it."""
    if visit.posted:
        forms.take(visit.conn, by=visit.by, draft=draft, aside_of=visit.text("of", 100) or None)
    return HttpResponseRedirect(f"/form/{draft}")


@needs(Right.FORMS_DRAFT_KEEP)
def suggest(visit: Visit) -> HttpResponse:
    """Suggest codes of a list for what is typed, with or without tones."""
    found = forms.search_list(visit.asked("set", 300), visit.asked("q", 100), limit=_SHOWN)
    return shell.harden(JsonResponse([[one["code"], f"{one['code']} – {one.get('display', '')}"] for one in found], safe=False))


@needs(Right.FORMS_DRAFT_KEEP)
def paper(visit: Visit, draft: UUID) -> HttpResponse:
    """Print a draft, or what was finished, as a PDF."""
    begun = forms.draft(visit.conn, by=visit.by, id=draft)
    given = _stored(visit, begun) if begun.state == "finished" else begun.answers
    head = forms.head_of(visit.conn, by=visit.by, draft=begun)
    return files.file(forms.paper(begun.form, given, head=head, lang=visit.lang), name=f"{begun.form.name}.pdf", media=files.PDF, inline=True)


def _stored(visit: Visit, begun: Draft) -> Answers:
    with visit.under(Right.RECORD_CLINICAL_READ) as (conn, by):
        return forms.response_of(conn, by=by, id=begun.response)[1]


def _given(visit: Visit, begun: Draft) -> Answers:
    return forms.answers(begun.form, {str(name): [str(text) for text in texts] for name, texts in visit.request.POST.lists()})


def _number(visit: Visit) -> int:
    text = visit.text("number", 9)
    return int(text) if text.isascii() and text.isdigit() else 0


def _done(visit: Visit, begun: Draft) -> HttpResponse:
    sheet = forms.view(begun.form, _stored(visit, begun), lang=visit.lang)
    return shell.answer(visit, "form/done", draft=begun, form=begun.form, resources=begun.resources, sheet=sheet, left=form_person.words(visit))


def _page(visit: Visit, begun: Draft, given: Answers, problems: Sequence[Problem]) -> HttpResponse:
    found = forms.prefill(visit.conn, by=visit.by, form=begun.form, person_id=begun.person_id)
    patient = _patient(visit, begun)
    sheet = forms.view(begun.form, given, found=found, problems=problems, lang=visit.lang, patient=patient)
    return shell.answer(
        visit, "form/fill", draft=begun, sheet=sheet, problems=problems, by_place={line.at: line for line in sheet.walk()},
        names=_names(visit, begun), differences=_differences(begun), form_script=assets.FORM, person_name=_name(patient),
    )  # fmt: skip


def _names(visit: Visit, begun: Draft) -> dict[str, str]:
    """The names of those who kept something beside the draft."""
    accounts_of = {one.by: UUID(one.by.removeprefix("user:")) for one in begun.aside if one.by.startswith("user:")}
    known = accounts.names_of(visit.conn, by=visit.by, accounts=list(accounts_of.values())) if accounts_of else {}
    return {name: known[account] for name, account in accounts_of.items() if account in known}


def _patient(visit: Visit, begun: Draft) -> dict[str, Any] | None:
    """The person's golden Patient: whom the page names, and %patient of the form's expressions."""
    found = record.get(visit.conn, by=visit.by, rtype="Patient", id=str(begun.person_id))
    return found.exact if found is not None and not found.deleted else None


def _name(patient: dict[str, Any] | None) -> str:
    names: list[dict[str, Any]] = (patient or {}).get("name") or [{}]
    return str(names[0].get("text", ""))


def _differences(begun: Draft) -> Callable[[Aside], Iterator[tuple[str, str, str]]]:
    def told(aside: Aside) -> Iterator[tuple[str, str, str]]:
        mine = {one.at: one for one in forms.view(begun.form, begun.answers).walk() if one.item.is_question}
        theirs = {one.at: one for one in forms.view(begun.form, aside.answers).walk() if one.item.is_question}
        for at in dict.fromkeys([*mine, *theirs]):
            left, right = (one[at].said if at in one else "" for one in (mine, theirs))
            if left != right and not (mine.get(at) or theirs[at]).item.calculated:
                yield (mine.get(at) or theirs[at]).label, left, right

    return told
