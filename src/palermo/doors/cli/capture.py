"""`palermo capture`: a web page into a case, as evidence."""

import json
from pathlib import Path
from typing import Any

import click

from palermo.doors.cli.console import node, now


@click.command()
@click.argument("url")
@click.option(
    "--authority",
    type=click.Path(path_type=Path),
    required=True,
    help="Authority file (YAML): who may do this, under which power, until when.",
)
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Case folder.")
@click.option(
    "--method",
    type=click.Choice(["auto", "rendered", "plain"]),
    default="auto",
    show_default=True,
    help="With a browser, or plain HTTP; auto falls back to plain and says why.",
)
@click.option(
    "--proxy",
    metavar="socks5h://ADDRESS:PORT",
    help="SOCKS5 proxy that resolves names itself, such as Tor's; needed for .onion.",
)
@click.option(
    "--stop-list",
    "stop_lists",
    type=click.Path(path_type=Path),
    multiple=True,
    help="Hashes of known abuse material, besides those in the node's stop-lists folder.",
)
@click.option(
    "--suspected",
    default="",
    metavar="REASON",
    help="The address is suspected of sexual abuse of children: do not open it, note it.",
)
@click.option("--platform", default="", help="Service, in the words of the authority's scope.")
@click.option("--persona", default="", metavar="ID", help="Opaque id of the identity used.")
@click.option("--collector", default="", metavar="NAME", help="Who captures.")
@click.option("--locale", default="en-US", show_default=True)
@click.option("--time-zone", default="UTC", show_default=True)
@click.option("--viewport", default="1280x900", show_default=True, metavar="WIDTHxHEIGHT")
@click.option("--user-agent", default="", help="Else the browser's own.")
@click.option("--seconds", type=click.IntRange(5, 3600), default=90, show_default=True)
@click.option("--accept-invalid-tls", is_flag=True, help="Also with a certificate that is wrong.")
@click.option("--allow-private", is_flag=True, help="Also addresses of this machine and network.")
@click.option("--json", "as_json", is_flag=True, help="Print the outcome for machines.")
def command(*, url: str, authority: Path, out: Path, as_json: bool, **options: Any) -> None:
    r"""Capture the page at URL into a case folder that anyone can check.

    Seals an archive of everything the browser loaded (WACZ), a picture, the document, text, paper
    and single-file forms, and a record of how it was captured. Nothing is asked of the site without
    an authority that covers it. See docs/how-to/capture.md for what a capture does not prove.

    \b
    Example:
      palermo capture https://board.example/ad/7 --authority authority.yaml --out case
    """
    from palermo.investigation.capturing import CaptureRequest, capture_page

    done = capture_page(
        CaptureRequest(
            order=_order(url, options),
            authority=authority,
            out=out,
            node=node(),
            platform=options["platform"],
            stop_lists=options["stop_lists"],
        ),
        at=now(),
    )
    record = done.capture.record
    if as_json:
        files = {item: one["sha256"] for item, one in record["files"].items()}
        found = {"out": str(out), "record": str(done.record), "files": files}
        found |= {"missing": record["missing"], "warnings": record["warnings"]}
        click.echo(json.dumps(found, indent=1))
        return
    _report(record, done.record, out)


def _order(url: str, options: dict[str, Any]) -> Any:
    """Turn the options into an order."""
    from palermo.evidence.capture import AddressRules, Limits, Order, Screen, Upstream
    from palermo.model import Unreadable

    width, _, height = options["viewport"].partition("x")
    if not (width.isdecimal() and height.isdecimal() and 0 < int(width) < 10_000):
        raise Unreadable(f"--viewport {options['viewport']!r}: expected for example 1280x900")
    seconds = float(options["seconds"])
    return Order(
        url=url,
        method=options["method"],
        proxy=Upstream.parse(options["proxy"]) if options["proxy"] else None,
        rules=AddressRules(private=options["allow_private"]),
        limits=Limits(seconds=seconds, load_seconds=seconds * 0.45),
        screen=Screen(
            width=int(width),
            height=int(height),
            locale=options["locale"],
            time_zone=options["time_zone"],
            user_agent=options["user_agent"],
        ),
        accept_invalid_tls=options["accept_invalid_tls"],
        persona=options["persona"],
        collector=options["collector"],
        suspected=options["suspected"],
    )


def _report(record: dict[str, Any], path: Path, out: Path) -> None:
    if record["method_note"]:
        click.echo(f"Note: {record['method_note']}")
    final, response = record["url"]["final"], record["response"]
    click.echo(f"{final}: status {response['status']} from {response['address'] or 'the proxy'}")
    for item, one in record["files"].items():
        click.echo(f"{one['size']:>12,}  {item:<14} {one['sha256']}")
    click.echo(f"{len(record['exchanges']):>12,}  requests")
    click.echo(f"{len(record['missing_resources']):>12,}  of them without a whole response")
    for item, why in record["missing"].items():
        click.echo(f"  missing {item}: {why['code']}, {why['detail']}".rstrip(", "))
    click.echo(f"Record: {path}")
    click.echo(f"Check it: palermo verify {out}")
