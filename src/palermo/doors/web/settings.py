"""Django's settings, all derived from the node's folder: there is nothing to edit here.

Guarantees no third-party request (a content security policy that allows this origin alone), no
inline script, no default password, secure cookies wherever the node is reached by HTTPS.
"""

import os
from datetime import timedelta
from pathlib import Path

from django.utils.translation import gettext_lazy as _

from palermo.doors.cli.console import node, now
from palermo.doors.web.node_settings import (
    database,
    node_folder,
    private_folder,
    read_desk_settings,
    secret,
)
from palermo.doors.web.outside import outside_origins

NODE_FOLDER = node_folder()
_desks = read_desk_settings(NODE_FOLDER)
HERE = Path(__file__).resolve().parent

#: The installation, with its keys and its clock: what the desks hand to the rooms below.
PALERMO_NODE = node()
#: The only place where the desks read the clock.
PALERMO_CLOCK = now
PALERMO_ORGANISATION = _desks.organisation
PALERMO_SECOND_FACTOR = True
PALERMO_LOCK = timedelta(minutes=_desks.lock_minutes)
PALERMO_CASES = NODE_FOLDER / "cases"
#: Seals what the database keeps of second factors and of forms that wait behind a lock.
PALERMO_SEALING_SECRET = secret(NODE_FOLDER, "second-factor")
#: Where a form may lead beside this origin: to the pages of an outside login.
PALERMO_OUTSIDE_ORIGINS = outside_origins(_desks.oidc)

SECRET_KEY = secret(NODE_FOLDER, "desks")
DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]", *_desks.hosts]
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in _desks.hosts]
# PALERMO_DATABASE names another role, for one command: docs/how-to/postgresql.md
_address = os.environ.get("PALERMO_DATABASE") or _desks.database
DATABASES = {"default": database(_address, NODE_FOLDER)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "access.Person"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "django_tasks",
    "django_tasks_db",
    "palermo.desks.access",
    "palermo.desks.cases",
    "palermo.doors.api",
    "palermo.doors.web",
]

MIDDLEWARE = [
    "palermo.doors.web.middleware.headers",
    "django.middleware.security.SecurityMiddleware",
    "palermo.doors.web.middleware.methods",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "palermo.doors.web.locking.Lock",
    "palermo.doors.web.middleware.own_way",
]

ROOT_URLCONF = "palermo.doors.web.urls"
WSGI_APPLICATION = "palermo.doors.web.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [HERE / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "palermo.doors.web.context.everywhere",
            ],
        },
    }
]

# The six languages of the United Nations.
LANGUAGES = [
    ("en", _("English")),
    ("fr", _("French")),
    ("es", _("Spanish")),
    ("ar", _("Arabic")),
    ("ru", _("Russian")),
    ("zh-hans", _("Chinese")),
]
LANGUAGE_CODE = "en"
LOCALE_PATHS = [HERE / "locale"]
FORMAT_MODULE_PATH = "palermo.doors.web.formats"
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "static/"
STATIC_ROOT = NODE_FOLDER / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}", "OPTIONS": options}
    for name, options in (
        ("UserAttributeSimilarityValidator", {}),
        ("MinimumLengthValidator", {"min_length": 12}),
        ("CommonPasswordValidator", {}),
        ("NumericPasswordValidator", {}),
    )
]
LOGIN_URL = "account_login"
CSRF_FAILURE_VIEW = "palermo.doors.web.errors.csrf_failure"
LOGIN_REDIRECT_URL = "cases:list"
ACCOUNT_ADAPTER = "palermo.desks.access.accounts.Accounts"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_REAUTHENTICATION_TIMEOUT = 900
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_RATE_LIMITS = {"login": "30/m/ip", "login_failed": "20/m/ip,5/5m/key"}
# Behind HTTPS stands one proxy of ours, which says where a request came from.
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if _desks.https else 0
MFA_ADAPTER = "palermo.desks.access.signing_in.Factors"
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_TOTP_ISSUER = f"Palermo ({_desks.organisation})"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not _desks.https
SOCIALACCOUNT_ADAPTER = "palermo.desks.access.accounts.OutsideLogins"
SOCIALACCOUNT_ONLY = False
SOCIALACCOUNT_AUTO_SIGNUP = False
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_EMAIL_AUTHENTICATION = False
SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": list(_desks.oidc)}}

# Counts of tries must be seen by every process of the server.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "palermo_cache",
    }
}

SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = _desks.https
CSRF_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
SECURE_SSL_REDIRECT = _desks.https
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if _desks.https else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = _desks.https
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _desks.https else None
# Not "no-referrer": with it a browser sends forms with "Origin: null", which the check refuses.
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

# What one request may bring; files go to disk, piece by piece.
PALERMO_UPLOAD_BYTES = _desks.upload_megabytes * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
DATA_UPLOAD_MAX_NUMBER_FILES = 200
FILE_UPLOAD_HANDLERS = ["palermo.doors.web.uploads.ToDisk"]
FILE_UPLOAD_TEMP_DIR = private_folder(NODE_FOLDER / "incoming")

# Requests with one token, and wrong tokens from one address: so many a minute, so many at once.
PALERMO_API_RATE = (600, 120)
PALERMO_API_FAILURES = (6, 20)

TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["default"]}}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "palermo.doors.web.operations.discreet_log.Discreet"}},
    "filters": {"masking": {"()": "palermo.doors.web.masking.Masking"}},
    "handlers": {
        "errors": {
            "class": "logging.StreamHandler",
            "formatter": "line",
            "filters": ["masking"],
        }
    },
    "root": {"handlers": ["errors"], "level": "WARNING"},
    # A page that is not there, or not for somebody, is no trouble of the node; refusals are in the
    # audit. Django would write their addresses here, and those hold keys and one-time links.
    "loggers": {"django.request": {"level": "ERROR"}},
}
