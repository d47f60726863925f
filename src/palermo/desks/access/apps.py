"""The Django app of the access desk."""

from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.utils.translation import gettext_lazy as _


class AccessConfig(AppConfig):
    """Its tables begin with `access_`."""

    name = "palermo.desks.access"
    label = "access"
    verbose_name = _("Access")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Tie in what Django and allauth tell of: migrations, connections, requests, factors."""
        from allauth.mfa.signals import (  # noqa: PLC0415  the models must be there first
            authenticator_added,
            authenticator_removed,
        )
        from django.contrib.auth.signals import user_logged_in, user_login_failed  # noqa: PLC0415
        from django.core.signals import request_finished  # noqa: PLC0415
        from django.db.backends.signals import connection_created  # noqa: PLC0415
        from django.db.models.signals import post_migrate  # noqa: PLC0415

        from palermo.desks.access import checks, row_security, signing_in  # noqa: F401, PLC0415

        post_migrate.connect(_build_wall, sender=self)
        connection_created.connect(row_security.forget_connection)
        request_finished.connect(_end_of_request)
        authenticator_added.connect(signing_in.factor_added)
        authenticator_removed.connect(signing_in.factor_removed)
        user_logged_in.connect(signing_in.signed_in)
        user_login_failed.connect(signing_in.failed)


def _build_wall(using: str, **_: Any) -> None:
    from palermo.desks.access.row_security import install  # noqa: PLC0415

    install(connections[using])


def _end_of_request(**_: Any) -> None:
    from palermo.desks.access.row_security import show_nobody  # noqa: PLC0415

    show_nobody()
