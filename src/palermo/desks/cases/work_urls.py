"""Addresses of what people write and decide in a case."""

from django.urls import path

from palermo.desks.cases.views import (
    activity,
    claims,
    decisions,
    hand_overs,
    judgements,
    notes,
    tasks,
)

urlpatterns = [
    path("hand-overs/", hand_overs.offers, name="offers"),
    path("hand-overs/<int:pk>/take-up/", hand_overs.take_up, name="take_up"),
    path("hand-overs/<int:pk>/refuse/", hand_overs.refuse, name="refuse"),
    path("oversight/", activity.oversight_everywhere, name="oversight_everywhere"),
    path("cases/<str:key>/notebook/", notes.notebook, name="notebook"),
    path("cases/<str:key>/about/<str:subject>/<path:of>/", notes.about_one, name="about"),
    path("cases/<str:key>/notes/add/", notes.add, name="note_add"),
    path("cases/<str:key>/notes/<int:pk>/withdraw/", notes.withdraw, name="note_withdraw"),
    path("cases/<str:key>/tasks/", tasks.task_list, name="tasks"),
    path("cases/<str:key>/tasks/add/", tasks.add, name="task_add"),
    path("cases/<str:key>/tasks/<int:pk>/done/", tasks.finish, name="task_done"),
    path("cases/<str:key>/tasks/<int:pk>/reopen/", tasks.reopen, name="task_reopen"),
    path("cases/<str:key>/tasks/<int:pk>/assign/", tasks.assign, name="task_assign"),
    path("cases/<str:key>/claims/", claims.claim_list, name="claims"),
    path("cases/<str:key>/claims/add/", claims.add, name="claim_add"),
    path("cases/<str:key>/claims/export/", claims.export, name="claims_export"),
    path("cases/<str:key>/claims/<int:pk>/withdraw/", claims.withdraw, name="claim_withdraw"),
    path("cases/<str:key>/claims/<int:pk>/release/", claims.release, name="claim_release"),
    path("cases/<str:key>/releases/<int:pk>/end/", claims.end_release, name="release_end"),
    path("cases/<str:key>/judgements/", judgements.judgement_list, name="judgements"),
    path("cases/<str:key>/judgements/add/", judgements.judge, name="judge"),
    path("cases/<str:key>/judgements/<int:pk>/undo/", judgements.take_back, name="judgement_undo"),
    path("cases/<str:key>/networks/<str:network>/review/", judgements.review, name="review"),
    path(
        "cases/<str:key>/networks/<str:network>/judged/", judgements.judged_network, name="judged"
    ),
    path("cases/<str:key>/decisions/", decisions.decision_list, name="decisions"),
    path("cases/<str:key>/decisions/propose/", decisions.propose, name="propose"),
    path("cases/<str:key>/decisions/<int:pk>/", decisions.decision, name="decision"),
    path("cases/<str:key>/decisions/<int:pk>/second/", decisions.second, name="second"),
    path("cases/<str:key>/decisions/<int:pk>/undo/", decisions.undo, name="decision_undo"),
    path("cases/<str:key>/hand-over/", hand_overs.offer, name="hand_over"),
    path("cases/<str:key>/hand-over/<int:pk>/recall/", hand_overs.recall, name="recall"),
    path("cases/<str:key>/activity/", activity.activity, name="activity"),
    path("cases/<str:key>/oversight/", activity.oversight, name="oversight"),
]
