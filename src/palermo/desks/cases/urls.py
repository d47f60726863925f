"""Addresses of the case desk."""

from django.urls import path

from palermo.desks.cases import work_urls
from palermo.desks.cases.views import (
    campaigns,
    cases,
    custody,
    evidence,
    export,
    identifiers,
    items,
    networks,
    over_time,
    packages,
    runs,
    search,
)

app_name = "cases"
urlpatterns = [
    path("search/", search.search_all, name="search_all"),
    path("cases/", cases.case_list, name="list"),
    path("cases/new/", cases.new_case, name="new"),
    path("cases/<str:key>/", cases.case, name="case"),
    path("cases/<str:key>/search/", search.search_case, name="search"),
    path("cases/<str:key>/items/", items.item_list, name="items"),
    path("cases/<str:key>/items/<int:pk>/", items.item, name="item"),
    path("cases/<str:key>/identifiers/", identifiers.identifier_list, name="identifiers"),
    path("cases/<str:key>/identifiers/<int:pk>/", identifiers.identifier, name="identifier"),
    path("cases/<str:key>/campaigns/", campaigns.campaign_list, name="campaigns"),
    path("cases/<str:key>/campaigns/<str:name>/", campaigns.campaign, name="campaign"),
    path("cases/<str:key>/networks/", networks.network_list, name="networks"),
    path("cases/<str:key>/networks/<str:name>/", networks.network, name="network"),
    path("cases/<str:key>/networks/<str:name>/nodes/", networks.nodes, name="nodes"),
    path("cases/<str:key>/networks/<str:name>/graph/", networks.drawing, name="graph"),
    path(
        "cases/<str:key>/networks/<str:name>/graph.json", networks.drawing_data, name="graph_data"
    ),
    path("cases/<str:key>/timeline/", over_time.timeline, name="timeline"),
    path("cases/<str:key>/places/", over_time.places, name="places"),
    path("cases/<str:key>/export/<str:what>/", export.export, name="export"),
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
    path("cases/<str:key>/verify/now/", custody.verify_now, name="verify-now"),
    # What leaves
    path("cases/<str:key>/dossier/", packages.dossier, name="dossier"),
    path("cases/<str:key>/packages/", packages.package_list, name="packages"),
    path("cases/<str:key>/packages/<int:pk>/", packages.package, name="package"),
    path("cases/<str:key>/packages/<int:pk>/zip/", packages.download, name="package-zip"),
    path("cases/<str:key>/packages/<int:pk>/remove/", packages.remove, name="package-remove"),
]
