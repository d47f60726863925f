"""The indexes over letters that search uses (`desks/cases/search_index.py`)."""

from django.db import migrations

from palermo.desks.cases import search_index


class Migration(migrations.Migration):
    dependencies = [("cases", "0001_initial")]

    operations = [
        migrations.RunPython(
            lambda _apps, editor: search_index.create(editor.connection),
            lambda _apps, editor: search_index.drop(editor.connection),
        )
    ]
