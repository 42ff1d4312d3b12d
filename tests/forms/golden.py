"""Writes the golden folders of forms anew (python -m tests.forms.golden): what was posted beside what is stored; look at the difference."""

import json
import os
from decimal import Decimal
from pathlib import Path
from uuid import UUID

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yba.app.settings")

from yba import forms
from yba.forms.extracting import resources
from yba.forms.model import Draft
from yba.kit import Actor, clock

FOLDER = Path(__file__).parents[1] / "golden" / "forms"
AT = "2026-11-22T08:00:00+07:00"


def said(folder):
    """What a form makes of what was posted: problems, QuestionnaireResponse and resources, ids as they come."""
    asked = json.loads((folder / "in.json").read_text("utf-8"))
    form = forms.form(asked["form"], version=asked.get("version"))
    answers = forms.answers(form, asked["posted"])
    settled = forms.settle(form, answers, patient=asked.get("patient"))
    problems = forms.check(form, answers, patient=asked.get("patient"))
    draft = Draft(UUID(int=1), form, UUID(int=2), "11001", None, "p-1", "e-1", 1, "open", "user:x", "user:x", clock.now(), answers)
    with clock.frozen(AT):
        made = resources(settled, draft=draft, by=Actor.operator(), at=clock.now())
    names = {str(doc["id"]): f"{doc['resourceType']}-{number}" for number, doc in enumerate(made.documents)}
    text = json.dumps(
        {"problems": [[one.at, one.rule, one.hard] for one in (*problems, *made.problems)], "stored": made.documents},
        ensure_ascii=False, indent=1, default=lambda one: float(one) if isinstance(one, Decimal) else str(one),
    )  # fmt: skip
    for name, shown in names.items():
        text = text.replace(name, shown)
    return text.replace(Actor.operator().name, "operator") + "\n"


if __name__ == "__main__":
    for each in sorted(FOLDER.iterdir()):
        (each / "out.json").write_text(said(each), "utf-8")
