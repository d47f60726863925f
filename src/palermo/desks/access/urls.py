"""Addresses of the access desk."""

from django.urls import path

from palermo.desks.access.views import (
    audit,
    conflicts,
    emergencies,
    invitations,
    mandates,
    members,
    openings,
    people,
    tokens,
)

app_name = "access"
urlpatterns = [
    path("invitation/<str:token>/", invitations.accept, name="invitation"),
    # Accounts
    path("people/", people.person_list, name="people"),
    path("people/invite/", people.invite, name="invite"),
    path("people/<int:pk>/", people.person, name="person"),
    path("people/<int:pk>/invite/", people.invite_again, name="invite_again"),
    path("people/<int:pk>/active/", people.activate, name="activate"),
    path("people/<int:pk>/duties/", people.give_duty, name="give_duty"),
    path("people/<int:pk>/reset/", people.ask_reset, name="ask_reset"),
    path("duties/<int:pk>/end/", people.end_duty, name="end_duty"),
    path("resets/<int:pk>/", people.answer_reset, name="answer_reset"),
    path("units/", people.units, name="units"),
    path("units/<int:pk>/", people.unit, name="unit"),
    path("cases-without-lead/", members.leaderless, name="leaderless"),
    # Emergencies
    path("emergencies/", emergencies.ask, name="emergencies"),
    path("emergencies/<int:pk>/end/", emergencies.end, name="end_emergency"),
    path("emergencies/answer/", emergencies.approvals, name="approvals"),
    path("emergencies/answer/<int:pk>/", emergencies.answer, name="emergency"),
    # The audit
    path("audit/", audit.entries, name="audit"),
    path("audit/<int:seq>/", audit.entry, name="entry"),
    path("audit/export/", audit.export, name="audit_export"),
    path("audit/unusual/", audit.anomalies, name="anomalies"),
    path("audit/verify/", audit.verify, name="audit_verify"),
    path("audit/notices/", audit.notice_list, name="notices"),
    path("audit/conflicts/", conflicts.all_conflicts, name="all_conflicts"),
    path("audit/conflicts/<int:pk>/lift/", conflicts.lift, name="lift"),
    path("looks/", audit.own_looks, name="own_looks"),
    # A case
    path("cases/<str:key>/open/", openings.open_case, name="open"),
    path("cases/<str:key>/shut/", openings.shut_case, name="shut"),
    path("cases/<str:key>/members/", members.member_list, name="members"),
    path("cases/<str:key>/members/<int:pk>/", members.member, name="member"),
    path("cases/<str:key>/members/<int:pk>/remove/", members.remove_member, name="remove_member"),
    path("cases/<str:key>/authorities/", mandates.mandate_list, name="mandates"),
    path("cases/<str:key>/authorities/<int:pk>/", mandates.mandate, name="mandate"),
    path("cases/<str:key>/authorities/<int:pk>/withdraw/", mandates.withdraw, name="withdraw"),
    path("cases/<str:key>/conflicts/", conflicts.conflict_list, name="conflicts"),
    path("cases/<str:key>/conflicts/own/", conflicts.declare_own, name="own_conflict"),
    path("cases/<str:key>/conflicts/<int:pk>/", conflicts.conflict, name="conflict"),
    path("tokens/", tokens.mine, name="tokens"),
    path("tokens/<str:ident>/revoke/", tokens.revoke, name="token-revoke"),
    path("tokens/everybody/", tokens.everybodys, name="tokens-all"),
    path("tokens/everybody/<str:ident>/revoke/", tokens.revoke_any, name="token-revoke-any"),
]
