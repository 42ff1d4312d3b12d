"""The designer's pages: which forms there are, what one asks, what changed between versions; a spreadsheet becomes a form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.http import HttpResponse, HttpResponseRedirect

from yba import forms
from yba.access import Right, needs
from yba.kit.errors import Invalid
from yba.kit.spreadsheets import WORKBOOK
from yba.specs import forms as specs
from yba.web import assets, files, shell
from yba.web.words import marked as _n

if TYPE_CHECKING:
    from yba.web.edge import Visit


_NO_FILE: Final = _n("Hãy chọn một tệp XLSForm (.xlsx).")


@needs(Right.FORMS_FORM_READ)
def listed(visit: Visit) -> HttpResponse:
    """List every form with its versions: those of the platform and the province's own."""
    urls = [*specs.forms(), *forms.own_urls(visit.conn)]
    found = [forms.versions(url, conn=visit.conn) for url in dict.fromkeys(urls)]
    return shell.answer(visit, "form/list", found=found, own=specs.BASE + "own-", may_write=visit.may(Right.FORMS_FORM_WRITE))


@needs(Right.FORMS_FORM_READ)
def one(visit: Visit, name: str) -> HttpResponse:
    """Show one version as it will be filled in, and what changed since the version before it."""
    known = forms.versions(name, conn=visit.conn)
    form = forms.form(name, version=visit.asked("version", 60) or (known[-1].version if known else None), conn=visit.conn)
    if visit.asked("as", 5) == "xlsx":
        return _workbook(form)
    at = known.index(form)
    changes = forms.difference(known[at - 1], form) if at else []
    return shell.answer(
        visit, "form/preview", form=form, sheet=forms.view(form, forms.Answers(), lang=visit.lang), changes=changes, known=known,
        before=known[at - 1] if at else None, form_script=assets.FORM, may_write=visit.may(Right.FORMS_FORM_WRITE),
        is_own=form.url.startswith(specs.BASE + "own-"), left_out=len(forms.export_xlsform(form).left_out),
    )  # fmt: skip


def _workbook(form: forms.Form) -> HttpResponse:
    """Give a version as a spreadsheet, to be changed and uploaded as the next one."""
    return files.file(forms.export_xlsform(form).data, name=f"{form.name}-{form.version}.xlsx", media=WORKBOOK)


@needs(Right.FORMS_FORM_READ)
def blank(visit: Visit, name: str) -> HttpResponse:
    """Print a form with nothing in it, to be written on by hand."""
    form = forms.form(name, version=visit.asked("version", 60) or None, conn=visit.conn)
    return files.file(forms.paper(form, None, lang=visit.lang), name=f"{form.name}.pdf", media=files.PDF, inline=True)


@needs(Right.FORMS_FORM_WRITE)
def add(visit: Visit) -> HttpResponse:
    """Take an XLSForm workbook; what cannot be asked is said with its row and column."""
    if not visit.posted:
        return shell.answer(visit, "form/add")
    file = visit.request.FILES.get("file")
    if file is None or file.size > forms.LARGEST_WORKBOOK:
        raise Invalid(visit.say(_NO_FILE))
    made = forms.add_form(visit.conn, by=visit.by, questionnaire=forms.import_xlsform(file.read()))
    return HttpResponseRedirect(f"/forms/{made.name}?version={made.version}")


@needs(Right.FORMS_FORM_WRITE)
def publish(visit: Visit, name: str) -> HttpResponse:
    """Put a version in force, or take it out."""
    if visit.posted:
        version = visit.text("version", 60)
        act = forms.withdraw_form if visit.text("act", 10) == "withdraw" else forms.publish_form
        act(visit.conn, by=visit.by, url=specs.BASE + name, version=version)
    return HttpResponseRedirect(f"/forms/{name}")
