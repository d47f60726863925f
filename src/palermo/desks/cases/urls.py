"""Addresses of the case desk."""

from django.urls import path

from palermo.desks.cases import work_urls
from palermo.desks.cases.views import cases, custody, evidence, items, packages, runs

app_name = "cases"
urlpatterns = [
    path("cases/", cases.case_list, name="list"),
    path("cases/new/", cases.new_case, name="new"),
    path("cases/<str:key>/", cases.case, name="case"),
    path("cases/<str:key>/items/", items.item_list, name="items"),
    path("cases/<str:key>/items/<int:pk>/", items.item, name="item"),
    # Bringing in, and runs
    path("cases/<str:key>/material/", runs.material, name="material"),
    path("cases/<str:key>/material/inbox/", runs.from_inbox, name="inbox"),
    path("cases/<str:key>/material/investigate/", runs.investigate, name="investigate"),
    path("cases/<str:key>/material/<int:pk>/", runs.one_material, name="one-material"),
    path("cases/<str:key>/runs/<int:pk>/", runs.run, name="run"),
    path("cases/<str:key>/runs/<int:pk>/progress/", runs.progress, name="progress"),
    path("cases/<str:key>/runs/<int:pk>/cancel/", runs.cancel, name="cancel"),
    *work_urls.urlpatterns,
    # Evidence
    path("cases/<str:key>/evidence/", evidence.exhibit_list, name="evidence"),
    path("cases/<str:key>/evidence/set-aside/", evidence.set_aside, name="set-aside"),
    path("cases/<str:key>/evidence/<str:ident>/", evidence.exhibit, name="exhibit"),
    path("cases/<str:key>/evidence/<str:ident>/original/", evidence.original, name="original"),
    path("cases/<str:key>/custody/", custody.log, name="custody"),
    path("cases/<str:key>/verify/", custody.verify, name="verify"),
    # What leaves
    path("cases/<str:key>/dossier/", packages.dossier, name="dossier"),
    path("cases/<str:key>/packages/", packages.package_list, name="packages"),
    path("cases/<str:key>/packages/<int:pk>/", packages.package, name="package"),
    path("cases/<str:key>/packages/<int:pk>/zip/", packages.download, name="package-zip"),
    path("cases/<str:key>/packages/<int:pk>/remove/", packages.remove, name="package-remove"),
]
