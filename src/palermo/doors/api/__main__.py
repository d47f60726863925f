"""`python -m palermo.doors.api FILE` writes the OpenAPI document to a file.

Guarantees that the user's node is left alone: the settings are read from a folder that goes away.
"""

import os
import sys
import tempfile
from pathlib import Path


def main() -> None:
    """Write the document to the file that the command line names."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["PALERMO_HOME"] = folder
        from palermo.doors.web.serving import set_up  # noqa: PLC0415  reads PALERMO_HOME

        set_up()
        from palermo.doors.api.document import text  # noqa: PLC0415  needs Django ready

        Path(sys.argv[1]).write_text(text(), encoding="utf-8")


if __name__ == "__main__":
    main()
