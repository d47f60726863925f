"""Addresses of the case desk."""

from django.urls import path

from palermo.desks.cases import work_urls
from palermo.desks.cases.views import cases, items, runs

app_name = "cases"
urlpatterns = [
    path("cases/", cases.case_list, name="list"),
    path("cases/new/", cases.new_case, name="new"),
    path("cases/<str:key>/", cases.case, name="case"),
    path("cases/<str:key>/items/", items.item_list, name="items"),
    path("cases/<str:key>/items/<int:pk>/", items.item, name="item"),
    path("cases/<str:key>/material/", runs.material, name="material"),
    path("cases/<str:key>/runs/<int:pk>/", runs.run, name="run"),
    path("cases/<str:key>/runs/<int:pk>/progress/", runs.progress, name="progress"),
    path("cases/<str:key>/runs/<int:pk>/cancel/", runs.cancel, name="cancel"),
    *work_urls.urlpatterns,
]
