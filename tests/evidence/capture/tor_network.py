"""A private Tor network on loopback: three authorities, three relays, one onion service, a client.

Nothing of it touches the public network. Every process is ended when the `with` block ends.
"""

import contextlib
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

AUTHORITIES, RELAYS = 3, 3

COMMON = """
TestingTorNetwork 1
DataDirectory {folder}
Address 127.0.0.1
AssumeReachable 1
PathsNeededToBuildCircuits 0.67
ShutdownWaitLength 0
EnforceDistinctSubnets 0
ClientRejectInternalAddresses 0
Log notice file {folder}/notice.log
"""
SERVER = """
SocksPort 0
Nickname {name}
ORPort 127.0.0.1:{or_port} IPv4Only
ExitRelay 0
ContactInfo none
"""
AUTHORITY = """
DirPort 127.0.0.1:{dir_port}
AuthoritativeDirectory 1
V3AuthoritativeDirectory 1
V3AuthVotingInterval 20
V3AuthVoteDelay 4
V3AuthDistDelay 4
TestingV3AuthInitialVotingInterval 5
TestingV3AuthInitialVoteDelay 2
TestingV3AuthInitialDistDelay 2
TestingDirAuthVoteGuard *
TestingDirAuthVoteExit *
TestingDirAuthVoteHSDir *
TestingMinExitFlagThreshold 0
AuthDirMaxServersPerAddr 0
"""


def available() -> bool:
    """Whether Debian's tor is installed."""
    return bool(shutil.which("tor") and shutil.which("tor-gencert"))


def free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as stack:
        opened = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in opened:
            one.bind(("127.0.0.1", 0))
        return [int(one.getsockname()[1]) for one in opened]


def run(*command: str, given: str = "") -> str:
    done = subprocess.run(
        command, input=given, capture_output=True, text=True, timeout=60, check=True
    )
    return done.stdout


def wait_for(text: str, path: Path, until: float) -> None:
    while time.monotonic() < until:
        if path.exists() and text in path.read_text("utf-8", "replace"):
            return
        time.sleep(0.2)
    raise TimeoutError(f"{path} does not say {text!r}")


@contextlib.contextmanager
def tor_network(folder: Path, site_port: int, seconds: float = 110) -> Iterator[tuple[str, int]]:
    """Give the onion address of the site at `site_port`, and the client's SOCKS port."""
    until = time.monotonic() + seconds
    ports = free_ports(2 * AUTHORITIES + RELAYS + 1)
    nodes: list[tuple[Path, str]] = []
    authorities = []
    for number in range(AUTHORITIES):
        here = folder / f"a{number}"
        or_port, dir_port = ports.pop(), ports.pop()
        settings = COMMON + SERVER + AUTHORITY
        text = settings.format(
            folder=here, name=f"auth{number}", or_port=or_port, dir_port=dir_port
        )
        authorities.append(_authority(here, text, f"auth{number}", or_port, dir_port))
        nodes.append((here, text))
    for number in range(RELAYS):
        here = folder / f"r{number}"
        text = (COMMON + SERVER).format(folder=here, name=f"relay{number}", or_port=ports.pop())
        nodes.append((here, text))
    socks = ports.pop()
    client, service = folder / "c", folder / "s"
    nodes.append((client, COMMON.format(folder=client) + f"SocksPort 127.0.0.1:{socks}\n"))
    nodes.append(
        (
            service,
            COMMON.format(folder=service)
            + f"SocksPort 0\nHiddenServiceDir {service}/hs\n"
            + f"HiddenServicePort 80 127.0.0.1:{site_port}\n",
        )
    )
    started: list[subprocess.Popen[bytes]] = []
    try:
        for here, text in nodes:
            here.mkdir(mode=0o700, exist_ok=True)
            (here / "torrc").write_text(text + "\n".join(authorities) + "\n")
            started.append(
                subprocess.Popen(
                    ["tor", "-f", str(here / "torrc"), "--quiet"],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                )
            )
        for here in (client, service):
            wait_for("Bootstrapped 100%", here / "notice.log", until)
        host = (service / "hs" / "hostname").read_text().strip()
        _reachable(host, socks, until)
        yield host, socks
    finally:
        for process in started:
            process.kill()
        for process in started:
            process.wait()


def _authority(here: Path, text: str, name: str, or_port: int, dir_port: int) -> str:
    """Make the keys of an authority and return the line by which others know it."""
    keys = here / "keys"
    keys.mkdir(parents=True, mode=0o700)
    here.chmod(0o700)
    run(
        "tor-gencert", "--create-identity-key", "-m", "12", "-a", f"127.0.0.1:{dir_port}",
        "-i", str(keys / "authority_identity_key"), "-s", str(keys / "authority_signing_key"),
        "-c", str(keys / "authority_certificate"), "--passphrase-fd", "0",
        given="test\n",
    )  # fmt: skip
    certificate = (keys / "authority_certificate").read_text()
    identity = next(
        line.split()[1] for line in certificate.splitlines() if line.startswith("fingerprint ")
    )
    path = here / "first"
    path.write_text(
        f"{text}\nDirAuthority {name} orport={or_port} no-v2 v3ident={identity} "
        f"127.0.0.1:{dir_port} {'F' * 40}\n"
    )
    listed = run("tor", "-f", str(path), "--quiet", "--list-fingerprint")
    fingerprint = "".join(listed.strip().splitlines()[-1].split()[1:])
    return (
        f"DirAuthority {name} orport={or_port} no-v2 v3ident={identity} "
        f"127.0.0.1:{dir_port} {fingerprint}"
    )


def _reachable(host: str, socks: int, until: float) -> None:
    """Wait until the service answers through the client."""
    name = host.encode()
    while time.monotonic() < until:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", socks)) as one:
            one.settimeout(20)
            one.sendall(b"\x05\x01\x00")
            one.recv(2)
            one.sendall(b"\x05\x01\x00\x03" + bytes([len(name)]) + name + b"\x00\x50")
            if one.recv(10)[1:2] == b"\x00":
                return
        time.sleep(0.5)
    raise TimeoutError("the onion service does not answer")
