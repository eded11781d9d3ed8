"""One question as a form. The parts of an answer are those of `consent/core/questionnaire.py`."""

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any, cast

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _

from consent.core.questionnaire import FollowUp, FollowUpKind, Kind, Question, check_answer, problem_text, tidy_answer
from courrielleur.portal import answers
from courrielleur.portal.forms import head


class QuestionForm(forms.Form):
    """Fields by the kind of the question; whether an answer is complete, the core says, not the fields."""

    def __init__(self, question: Question, data: Any = None, *, initial: Mapping[str, Any]) -> None:
        shown = dict(initial)
        if question.kind is Kind.URLS:
            shown["urls"] = "\n".join(shown.get("urls", []))
        super().__init__(data, initial=shown)
        self.question = question
        self.fields.update(_fields(question))
        self.fields.update({each.part: _follow_up(question, each) for each in question.follow_ups})
        for field in self.fields.values():
            if field.label == answers.words(question).title:
                head(field)

    def value(self) -> dict[str, object]:
        """Return the answer as typed, tidied; drafts are kept even when they are not complete."""
        given: dict[str, object] = {}
        data = cast(QueryDict, self.data)
        for part in self.fields:
            name = self.add_prefix(part)
            given[part] = data.getlist(name) if part == "methods" else data.get(name, "")
        return tidy_answer(self.question, given)

    def check(self, today: date) -> bool:
        """Put the problems of the answer beside their fields; True when there are none."""
        self.is_valid()
        problems = check_answer(self.question, self.value(), today=today)
        for problem in problems:
            self.add_error(problem.part, problem_text(problem, answers.language()))
        return not problems and not self.errors


def _fields(question: Question) -> dict[str, forms.Field]:
    title = answers.words(question).title
    match question.kind:
        case Kind.DATE:
            return {"date": _line(title, forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))}
        case Kind.TEXT:
            return {"text": _line(title, forms.Textarea(attrs={"rows": 7}))}
        case Kind.TEXT_LINK:
            return {
                "text": _line(_("Description"), forms.Textarea(attrs={"rows": 6})),
                "link": _line(_("Link (if you have one)"), forms.TextInput(attrs={"inputmode": "url"})),
            }
        case Kind.URLS:
            return {"urls": _line(title, forms.Textarea(attrs={"rows": 5, "spellcheck": "false"}))}
        case Kind.YES_NO_WHY:
            return {"answer": _yes_no(title), "detail": _line(_("Why?"), forms.Textarea(attrs={"rows": 5}))}
        case Kind.YES_NO_WHICH:
            label = answers.words(question).detail or _("Which, and why?")
            return {"answer": _yes_no(title), "detail": _line(label, forms.Textarea(attrs={"rows": 5}))}
        case Kind.METHODS:
            names = [(method.key, method.names[answers.language()]) for method in question.methods]
            explained = {method.key for method in question.methods if method.needs_explanation}
            return {
                "methods": forms.MultipleChoiceField(
                    label=title, choices=names, required=False, widget=forms.CheckboxSelectMultiple
                ),
                "explanation": _line(
                    _("Explanation (needed for “other”)"),
                    forms.Textarea(attrs={"rows": 4, **_shown(question, explained)}),
                ),
            }


def _follow_up(question: Question, follow_up: FollowUp) -> forms.Field:
    """Return the field of a part that only some choices ask for; a script hides it until one of them is chosen."""
    shown = _shown(question, follow_up.when)
    if follow_up.kind is FollowUpKind.DOMAINS:
        widget: forms.Widget = forms.TextInput(attrs={**shown, "inputmode": "url", "spellcheck": "false"})
    else:
        widget = forms.Textarea(attrs={**shown, "rows": 3})
    return _line(follow_up.labels[answers.language()], widget)


def _shown(question: Question, when: Collection[str]) -> dict[str, str]:
    return {
        "data-shown-for": "methods" if question.kind is Kind.METHODS else "answer",
        "data-shown-when": " ".join(sorted(when)),
    }


def _line(label: str, widget: forms.Widget) -> forms.CharField:
    return forms.CharField(label=label, required=False, widget=widget)


def _yes_no(label: str) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label, required=False, widget=forms.RadioSelect, choices=[("yes", _("Yes")), ("no", _("No"))]
    )
