"""The forms by which people write in a case."""

from datetime import timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from palermo.desks.access.models import Person
from palermo.desks.access.pages import CaseRequest
from palermo.desks.cases import handling
from palermo.desks.cases.models import Judgement
from palermo.desks.cases.signing import may, members
from palermo.model import (
    HandlingCode,
    InformationGrade,
    SourceReliability,
    Standing,
    SubjectCategory,
)

LONGEST_TEXT = 20_000
_AREA = forms.Textarea(attrs={"rows": 3, "dir": "auto"})
_LINE = forms.TextInput(attrs={"dir": "auto"})

RELIABILITY = {
    SourceReliability.A.value: _("A: no doubt of the source"),
    SourceReliability.B.value: _("B: reliable in most instances"),
    SourceReliability.C.value: _("C: unreliable in most instances"),
    SourceReliability.X.value: _("X: cannot be assessed"),
}
INFORMATION = {
    InformationGrade.KNOWN_TRUE.value: _("1: accuracy not in doubt"),
    InformationGrade.KNOWN_TO_SOURCE.value: _("2: known to the source personally"),
    InformationGrade.CORROBORATED.value: _("3: corroborated by other information"),
    InformationGrade.UNCONFIRMED.value: _("4: cannot be corroborated"),
}
STANDINGS = {
    Standing.FACT.value: _("fact"),
    Standing.ASSESSMENT.value: _("somebody's assessment"),
}
CATEGORIES = {
    SubjectCategory.UNKNOWN.value: _("not known, or nobody"),
    SubjectCategory.VICTIM.value: _("victim, or presumed victim"),
    SubjectCategory.WITNESS.value: _("witness"),
    SubjectCategory.CONTACT.value: _("contact"),
    SubjectCategory.SUSPECT.value: _("suspect"),
    SubjectCategory.CONVICTED.value: _("convicted"),
    SubjectCategory.OTHER.value: _("other"),
}
VERDICTS = {
    Judgement.Verdict.SAME.value: _("Same"),
    Judgement.Verdict.NOT_SAME.value: _("Not the same"),
    Judgement.Verdict.UNSURE.value: _("Unsure"),
}


class NoteForm(forms.Form):
    """A note."""

    text = forms.CharField(label=_("Note"), max_length=LONGEST_TEXT, widget=_AREA)


class Why(forms.Form):
    """A reason, for an act that needs one."""

    reason = forms.CharField(label=_("Why"), max_length=2000, widget=_AREA)


class TaskForm(forms.Form):
    """A task; only whoever may assign sees the other members."""

    text = forms.CharField(label=_("Task"), max_length=2000, widget=_AREA)
    assignee = forms.ModelChoiceField(
        label=_("For"), queryset=Person.objects.none(), required=False, empty_label=_("nobody yet")
    )
    due = forms.DateField(
        label=_("Due"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def __init__(self, request: CaseRequest, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["assignee"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101
        field.queryset = assignable(request)
        self._today = request.viewer.at.date()

    def clean_due(self) -> Any:
        """A day that is over is a slip of the pen."""
        due = self.cleaned_data["due"]
        if due is not None and due < self._today:
            raise ValidationError(gettext("This day is over; choose today or a later one."))
        return due


def assignable(request: CaseRequest) -> Any:
    """Return to whom whoever asks may give a task: members, or only themselves."""
    everybody = members(request.case, request.viewer)
    return everybody if may(request, "assign") else everybody.filter(pk=request.person.pk)


class ClaimForm(forms.Form):
    """A claim with its source, grading, handling code, standing and category."""

    predicate = forms.CharField(label=_("What is said"), max_length=120, widget=_LINE)
    value = forms.CharField(label=_("In these words"), max_length=LONGEST_TEXT, widget=_AREA)
    source = forms.CharField(label=_("Who says it"), max_length=200, widget=_LINE)
    said_at = forms.DateTimeField(
        label=_("When it was said (UTC)"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    standing = forms.ChoiceField(
        label=_("Fact or assessment"),
        choices=[("", _("choose")), *STANDINGS.items()],
        help_text=_("Directive (EU) 2016/680, Article 7: the two are kept apart."),
    )
    category = forms.ChoiceField(
        label=_("Whose data it is"),
        choices=[("", _("choose")), *CATEGORIES.items()],
        help_text=_("Directive (EU) 2016/680, Article 6. Never filled in by the program."),
    )
    reliability = forms.ChoiceField(
        label=_("The source"), choices=list(RELIABILITY.items()), initial="X"
    )
    information = forms.ChoiceField(
        label=_("The information"), choices=list(INFORMATION.items()), initial="4"
    )
    handling = forms.ChoiceField(label=_("Handling code"), initial=HandlingCode.H2.value)
    restrictions = forms.CharField(
        label=_("Further restrictions (needed with H3)"),
        required=False,
        max_length=2000,
        widget=_AREA,
    )
    in_need = forms.BooleanField(
        label=_("I know that this person may need help, and that is looked after"), required=False
    )

    def __init__(self, request: CaseRequest, *args: Any, need: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["handling"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101
        field.choices = [(c.value, f"{c.value}: {handling.means(c.value)}") for c in HandlingCode]
        self._at, self._need = request.viewer.at, need
        if not need:
            del self.fields["in_need"]

    def clean(self) -> dict[str, Any]:
        """Ask for what belongs together."""
        data = super().clean() or {}
        if data.get("handling") == HandlingCode.H3.value and not data.get("restrictions"):
            self.add_error("restrictions", gettext("H3 means further restrictions: write which."))
        said = data.get("said_at")
        if said is not None and said > self._at + timedelta(minutes=1):
            self.add_error("said_at", gettext("This lies in the future; write when it was said."))
        accused = data.get("category") in {
            SubjectCategory.SUSPECT.value,
            SubjectCategory.CONVICTED.value,
        }
        if self._need and accused and not data.get("in_need"):
            self.add_error(
                "in_need",
                gettext(
                    "Somebody here asks for help or was written down as a victim. Say that this "
                    "is looked after, or choose another category."
                ),
            )
        return data


class JudgementForm(forms.Form):
    """Three buttons and a reason."""

    verdict = forms.ChoiceField(choices=list(VERDICTS.items()))
    reason = forms.CharField(label=_("Why"), max_length=2000, widget=_LINE)
