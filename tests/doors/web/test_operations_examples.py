"""The examples in `deploy/` are right: read by the real readers, checked by the real tools."""

import json
import re
import shutil
import subprocess
from dataclasses import fields
from pathlib import Path

import pytest

from palermo.doors.web import node_settings
from palermo.doors.web.node_settings import DeskSettings, read_desk_settings
from palermo.investigation import read_settings
from palermo.investigation import settings as node_yaml

ROOT = Path(__file__).resolve().parents[3]
DEPLOY = ROOT / "deploy"
REFERENCE = (ROOT / "docs" / "reference" / "settings.md").read_text("utf-8")


def test_the_example_of_settings_is_read(tmp_path: Path) -> None:
    shutil.copy(DEPLOY / "node.yaml", tmp_path)
    desks = read_desk_settings(tmp_path)
    assert desks.https
    assert desks.hosts == ("palermo.example.org",)
    assert node_settings.database(desks.database, tmp_path)["HOST"] == "/var/run/postgresql"
    assert read_settings(tmp_path).time_authorities


def rows(part: str) -> dict[str, list[str]]:
    """Return the rows of the first table after the heading `part`, by the name in their first."""
    text = REFERENCE.split(part, 1)[1].split("\n## ", 1)[0].split("\n\nA provider", 1)[0]
    found = re.findall(r"^\| `([a-z_]+)` \|(.*)\|$", text, re.MULTILINE)
    return {name: [cell.strip() for cell in rest.split("|")] for name, rest in found}


def test_every_setting_is_documented_with_what_holds_without_it() -> None:
    documented = rows("## desks")
    assert documented.keys() == node_settings._KNOWN == {one.name for one in fields(DeskSettings)}
    for one in fields(DeskSettings):
        default = one.default
        said = documented[one.name][1]
        if default is True or default is False:
            assert said == f"`{str(default).lower()}`"
        elif isinstance(default, int) or (isinstance(default, str) and default):
            assert said == f"`{default}`", one.name
    assert rows("# Settings of a node").keys() == node_yaml._KNOWN


def test_every_setting_of_a_provider_is_documented() -> None:
    outside = pytest.importorskip("palermo.doors.web.outside")
    text = REFERENCE.split("A provider of `oidc`", 1)[1].split("\n## ", 1)[0]
    assert set(re.findall(r"^\| `([a-z_]+)` \|", text, re.MULTILINE)) == outside._KNOWN


def test_every_variable_of_the_environment_is_documented() -> None:
    used = {
        name
        for path in (ROOT / "src").rglob("*.py")
        for name in re.findall(r"[\"(]\s*[\"'](PALERMO_[A-Z0-9_]+)[\"']", path.read_text("utf-8"))
        if "environ" in path.read_text("utf-8")
    }
    ours = {name for name in used if name.endswith(("_HOME", "_FILE", "_NOW", "_DATABASE"))}
    documented = set(re.findall(r"^\| `(PALERMO_[A-Z0-9_]+)`", REFERENCE, re.MULTILINE))
    elsewhere = {"PALERMO_NEW_PASSPHRASE_FILE"}  # docs/how-to/keys.md
    assert ours - elsewhere <= documented


@pytest.mark.parametrize("name", ["palermo.service", "palermo-backup.service"])
def test_the_units_are_what_systemd_understands(name: str, tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("no systemd-analyze: see tools/system-packages")
    unit = tmp_path / name
    # Whether the program is installed is another matter.
    text = (DEPLOY / name).read_text("utf-8").replace("/opt/palermo/bin/palermo", "/bin/true")
    unit.write_text(text.replace("file:///opt/palermo/share/doc/how-to/serve.md", "man:true(1)"))
    run = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(unit)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")
    run = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--threshold=20", str(unit)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, f"exposure above 2.0:\n{run.stdout[-600:]}"


@pytest.mark.parametrize("name", ["palermo.service", "palermo-backup.service"])
def test_the_commands_of_the_units_exist(name: str) -> None:
    from click.testing import CliRunner

    from palermo.doors.cli import palermo

    command = re.search(r"/opt/palermo/bin/palermo (\w+)((?: --[a-z-]+ \S+)*)", _exec(name))
    assert command is not None
    told = CliRunner().invoke(palermo, [command[1], "--help"])
    assert told.exit_code == 0
    for option in re.findall(r"--[a-z-]+", command[2]):
        assert option in told.output


def _exec(name: str) -> str:
    text = (DEPLOY / name).read_text("utf-8")
    return next(line for line in text.splitlines() if line.startswith("ExecStart="))


def instructions() -> list[tuple[str, str]]:
    text = (DEPLOY / "Containerfile").read_text("utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return [(line.split(None, 1)[0], line.split(None, 1)[1].strip()) for line in lines]


def test_the_container_is_made_of_what_is_here_and_runs_as_nobody_special() -> None:
    told = instructions()
    known = {
        "ARG", "FROM", "WORKDIR", "RUN", "COPY", "ENV", "USER", "VOLUME", "EXPOSE", "STOPSIGNAL",
        "HEALTHCHECK", "ENTRYPOINT", "CMD",
    }  # fmt: skip
    assert {word for word, _rest in told} <= known
    for word, rest in told:
        if word == "COPY" and not rest.startswith("--from="):
            *sources, _target = rest.split()
            for source in sources:
                assert (ROOT / source).exists(), source
        if word in {"CMD", "ENTRYPOINT"}:
            assert isinstance(json.loads(rest), list)
    installs = [
        rest for word, rest in told if word == "RUN" and " install " in rest and "pip" in rest
    ]
    assert installs
    for one in installs:
        assert "--require-hashes" in one or "--no-deps" in one
    last = max(place for place, (word, _rest) in enumerate(told) if word == "FROM")
    (user,) = [rest for word, rest in told[last:] if word == "USER"]
    assert user.split(":")[0].isdigit()
    assert int(user.split(":")[0]) >= 1000
    assert not any(word == "ADD" for word, _rest in told)


def test_the_health_check_of_the_container_is_python() -> None:
    (rest,) = [rest for word, rest in instructions() if word == "HEALTHCHECK"]
    code = json.loads(rest.split("CMD", 1)[1])
    compile(code[2], "HEALTHCHECK", "exec")


def test_the_proxy_sets_what_the_node_believes() -> None:
    path = DEPLOY / "nginx.conf"
    text = path.read_text("utf-8")
    code = "\n".join(line.split("#", 1)[0] for line in text.splitlines())
    assert code.count("{") == code.count("}")
    for line in code.splitlines():
        assert not line.strip() or line.strip()[-1] in "{};", line
    for needed in (
        "proxy_set_header Host $host;",
        "proxy_set_header X-Forwarded-Proto https;",
        'proxy_set_header X-Forwarded-Host "";',
        "client_header_timeout",
        "client_body_timeout",
        "ssl_protocols TLSv1.2 TLSv1.3;",
        "access_log off;",
        "ssl_reject_handshake on;",
    ):
        assert needed in code
    assert "access_log /" not in code
    from django.urls import resolve

    location = re.search(r"location ~ (\S+)", code)
    assert location is not None
    assert re.fullmatch(location[1].strip("^$"), "/cases/5Tnxs8okMhec/material/")
    assert resolve("/cases/5Tnxs8okMhec/material/").view_name == "cases:material"
