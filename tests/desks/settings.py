"""Settings for tests and for the type checker: a node of its own, in a folder that goes away."""

import atexit
import os
import shutil
import tempfile

_HOME = tempfile.mkdtemp(prefix="palermo-node-")
atexit.register(shutil.rmtree, _HOME, ignore_errors=True)
_before = os.environ.get("PALERMO_HOME")
os.environ["PALERMO_HOME"] = _HOME

from palermo.doors.web.settings import *  # noqa: E402, F403  reads PALERMO_HOME

# In a file, as in a node: one in memory refuses a second connection instead of having it wait.
DATABASES["default"]["TEST"] = {"NAME": f"{_HOME}/test.sqlite3"}  # noqa: F405

# Argon2 costs a tenth of a second a password; the tests make hundreds.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
# WhiteNoise warns of a folder that is not there, and warnings are errors here.
STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # noqa: F405  of the settings above
if _before is None:
    del os.environ["PALERMO_HOME"]
else:
    os.environ["PALERMO_HOME"] = _before
