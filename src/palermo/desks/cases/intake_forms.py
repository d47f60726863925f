"""The forms of bringing in and handing over."""

from collections.abc import Sequence
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext_lazy as _

from palermo.desks.cases.material import Choices, InInbox
from palermo.desks.cases.models import Exhibit, Material

_PARTS = {
    "text": _("Column with the text"),
    "id": _("Column with the item's id"),
    "posted_at": _("Column with the time of posting"),
    "account": _("Column with the account"),
    "platform": _("Column with the platform"),
    "lang": _("Column with the language"),
    "place": _("Column with the place"),
    "url": _("Column with the address (URL)"),
}
_LANGUAGES = [("en", _("English")), ("fr", _("French"))]


class HowForm(forms.Form):
    """How files are to be read. Everything may stay empty: usual names are found."""

    zone = forms.ChoiceField(
        label=_("Time zone of clocks that state none"),
        required=False,
        choices=[("", _("not known")), *((name, name) for name in sorted(available_timezones()))],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for part, label in _PARTS.items():
            self.fields[f"column_{part}"] = forms.CharField(
                label=label, required=False, max_length=200, strip=False
            )

    @staticmethod
    def initial_of(material: Material) -> dict[str, str]:
        """Return what was chosen for `material`, as this form has it."""
        columns = {f"column_{part}": name for part, name in material.columns.items()}
        return {"zone": material.zone, **columns}

    def choices(self) -> Choices:
        """Return what was chosen."""
        given = {part: self.cleaned_data[f"column_{part}"] for part in _PARTS}
        return Choices(
            columns={part: name for part, name in given.items() if name},
            zone=self.cleaned_data["zone"],
        )

    @property
    def how(self) -> list[forms.BoundField]:
        """The fields of how to read, which a page shows folded up."""
        return [self["zone"], *(self[f"column_{part}"] for part in _PARTS)]


class _Files(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """One or more files."""

    widget = _Files

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile[bytes]]:
        """Return all files that were chosen."""
        given = data if isinstance(data, list | tuple) else [data]
        return [super(FilesField, self).clean(one, initial) for one in given]


class _WithLanguage(HowForm):
    language = forms.ChoiceField(label=_("Language of the dossier"), choices=_LANGUAGES)


class UploadForm(_WithLanguage):
    """Files from the user's machine."""

    uploads = FilesField(label=_("Files"), allow_empty_file=True)


class InboxForm(_WithLanguage):
    """Files that lie in the node's inbox."""

    places = forms.MultipleChoiceField(
        label=_("Files in the inbox"), widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, offered: Sequence[InInbox], *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("prefix", "inbox")
        super().__init__(*args, **kwargs)
        field = self.fields["places"]
        assert isinstance(field, forms.MultipleChoiceField)  # noqa: S101
        field.choices = [
            (one.place, f"{one.place} ({filesizeformat(one.size)})") for one in offered
        ]


class LeaveOutForm(forms.Form):
    """Why a file is read no more."""

    why = forms.CharField(label=_("Reason, in words that name nobody"), max_length=500)


class PackageForm(forms.Form):
    """What is handed over, to whom, by which act and under which authority."""

    recipient = forms.CharField(
        label=_("To which office"),
        max_length=200,
        help_text=_("Name the office, not a person."),
    )
    act = forms.ChoiceField(
        label=_("Act"),
        choices=[
            ("transfer", _("transfer to another authority")),
            ("export", _("export to a court")),
            ("disclose", _("disclose to a party")),
        ],
    )
    authority = forms.FileField(
        label=_("Authority file that covers handing over"),
        help_text=_("A file that covers the measure “disclose”."),
    )
    only = forms.MultipleChoiceField(
        label=_("Exhibits"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None chosen means all."),
    )
    outputs = forms.BooleanField(
        label=_("Add dossier, findings and tables"), required=False, initial=False
    )
    seal = forms.CharField(label=_("Number of the seal or bag"), max_length=60, required=False)
    language = forms.ChoiceField(label=_("Language of the report"), choices=_LANGUAGES)

    def __init__(self, exhibits: Sequence[Exhibit], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["only"]
        assert isinstance(field, forms.MultipleChoiceField)  # noqa: S101
        field.choices = [
            (one.ident, f"{one.name} ({filesizeformat(one.size)}, {one.ident[:12]})")
            for one in exhibits
        ]
