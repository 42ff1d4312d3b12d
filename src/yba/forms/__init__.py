"""Forms as data: FHIR Questionnaires asked on any page, kept as drafts, finished into the record, printed; knows no page and no visit."""

from .actions import drop, finish, keep, open_draft, take
from .checking import check
from .compiling import BadForm, compiled
from .deciding import Settled, settle
from .designing import add_form, publish_form, withdraw_form
from .differing import Change, difference
from .known import prefill
from .lists import search as search_list
from .message import Message, from_xml, to_xml
from .model import Answers, Aside, Draft, Finished, Form, Found, Given, Item, Option, Place, Problem, Value
from .names import name_of, place_of
from .paper import Head, head_of, paper
from .queries import draft, drafts, response_of
from .reading import add_row, answers, drop_row, posted
from .registry import form, forms, in_force, own_urls, versions
from .responses import read
from .viewing import Choice, Line, LookBack, Sheet, view
from .xlsform import LARGEST as LARGEST_WORKBOOK
from .xlsform import import_xlsform
from .xlsform_writing import Workbook, export_xlsform

__all__ = [
    "LARGEST_WORKBOOK",
    "Answers",
    "Aside",
    "BadForm",
    "Change",
    "Choice",
    "Draft",
    "Finished",
    "Form",
    "Found",
    "Given",
    "Head",
    "Item",
    "Line",
    "LookBack",
    "Message",
    "Option",
    "Place",
    "Problem",
    "Settled",
    "Sheet",
    "Value",
    "Workbook",
    "add_form",
    "add_row",
    "answers",
    "check",
    "compiled",
    "difference",
    "draft",
    "drafts",
    "drop",
    "drop_row",
    "export_xlsform",
    "finish",
    "form",
    "forms",
    "from_xml",
    "head_of",
    "import_xlsform",
    "in_force",
    "keep",
    "name_of",
    "open_draft",
    "own_urls",
    "paper",
    "place_of",
    "posted",
    "prefill",
    "publish_form",
    "read",
    "response_of",
    "search_list",
    "settle",
    "take",
    "to_xml",
    "versions",
    "view",
    "withdraw_form",
]
