"""Hold our FollowTheMoney files against the public library, which is too heavy for the tests.

In an environment of its own: `pip install followthemoney pyyaml` (needs ICU for PyICU), then
`python tools/judge_ftm.py case.ftm.json`. Exit 1 when a schema, a property or a value differs.
"""

import json
import os
import shutil
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

import yaml

HERE = Path(__file__).resolve().parents[1] / "src/palermo/formats/ftm"


def main() -> int:
    """Compare, and return how the process should end."""
    spec = find_spec("followthemoney")
    if spec is None or spec.origin is None:
        raise SystemExit("followthemoney is not installed here")
    with tempfile.TemporaryDirectory() as folder:
        for source in (Path(spec.origin).parent / "schema", HERE / "schemata"):
            shutil.copytree(source, folder, dirs_exist_ok=True)
        os.environ["FTM_MODEL_PATH"] = folder
        from followthemoney import model  # noqa: PLC0415  it reads the folder when imported

        faults = [*_schemata(model)]
        for name in sys.argv[1:]:
            for line in Path(name).read_text("utf-8").splitlines():
                faults += _entity(model, json.loads(line))
    for fault in faults:
        print(fault)
    print(f"{len(faults)} differences")
    return bool(faults)


def _schemata(model):
    known = yaml.safe_load((HERE / "known.yaml").read_text("utf-8"))["schemata"]
    for name, entry in known.items():
        schema = model.get(name)
        for parent in entry.get("extends", ()):
            if not schema.is_a(parent):
                yield f"{name} does not extend {parent}"
        for key, said in entry["properties"].items():
            found = schema.get(key)
            wanted = said if isinstance(said, str) else said["type"]
            if found is None or found.type.name != wanted:
                yield f"{name}.{key} is {found.type.name if found else 'nothing'}, not {wanted}"


def _entity(model, raw):
    proxy = model.get_proxy(raw, cleaned=False)
    for key, values in raw["properties"].items():
        if sorted(proxy.get(key)) != sorted(values):
            yield f"{raw['schema']}.{key}: {values} is read as {proxy.get(key)}"


if __name__ == "__main__":
    sys.exit(main())
