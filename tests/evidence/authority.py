"""A real time-stamping authority on loopback: `openssl ts`, with certificates made by openssl."""

import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cryptography import x509

POLICY = "1.2.3.4.1"
TST_INFO = "1.2.840.113549.1.9.16.1.4"
TSA_EXTENSIONS = {
    "basicConstraints": "CA:FALSE",
    "keyUsage": "critical,digitalSignature",
    "extendedKeyUsage": "critical,timeStamping",
    "subjectKeyIdentifier": "hash",
    "authorityKeyIdentifier": "keyid",
}
CA_EXTENSIONS = {
    "basicConstraints": "critical,CA:TRUE",
    "keyUsage": "critical,keyCertSign,cRLSign",
    "subjectKeyIdentifier": "hash",
}
KEYS = {
    "ec": ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"],
    "p384": ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"],
    "rsa": ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"],
    "weak": ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024"],
    "ed25519": ["-algorithm", "ED25519"],
}


def openssl(*arguments: object, given: bytes = b"") -> bytes:
    done = subprocess.run(
        ["openssl", *map(str, arguments)], input=given, capture_output=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


def tlv(tag: int, *parts: bytes) -> bytes:
    """Write one DER element."""
    content = b"".join(parts)
    if len(content) < 0x80:
        return bytes([tag, len(content)]) + content
    length = len(content).to_bytes((len(content).bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + content


def oid(dotted: str) -> bytes:
    first, second, *rest = map(int, dotted.split("."))
    out = bytearray()
    for arc in (40 * first + second, *rest):
        septets = [arc & 0x7F]
        while arc := arc >> 7:
            septets.append(arc & 0x7F | 0x80)
        out += bytes(reversed(septets))
    return tlv(0x06, bytes(out))


def integer(value: int, tag: int = 0x02) -> bytes:
    return tlv(tag, value.to_bytes(value.bit_length() // 8 + 1, "big", signed=True))


SHA256, SHA512 = "2.16.840.1.101.3.4.2.1", "2.16.840.1.101.3.4.2.3"


def tst_info(
    digest: bytes, time: str, *, kind: str = SHA256, version: int = 1, more: bytes = b""
) -> bytes:
    """Write a TSTInfo over `digest` with the GeneralizedTime `time`; `more` follows it."""
    imprint = tlv(0x30, tlv(0x30, oid(kind), tlv(0x05)), tlv(0x04, digest))
    return tlv(
        0x30,
        integer(version),
        oid(POLICY),
        imprint,
        integer(77),
        tlv(0x18, time.encode()),
        more,
    )


@dataclass
class Holder:
    """A key and its certificate, as files."""

    key: Path
    certificate: Path

    def load(self) -> x509.Certificate:
        return x509.load_pem_x509_certificate(self.certificate.read_bytes())


def issue(
    folder: Path,
    name: str,
    issuer: Holder | None,
    *,
    key: str = "ec",
    extensions: dict[str, str] | None = None,
    days: int = 3650,
    digest: str = "sha256",
) -> Holder:
    """Make a key and a certificate; without an issuer it signs itself."""
    made = Holder(folder / f"{name}.key", folder / f"{name}.pem")
    openssl("genpkey", *KEYS[key], "-out", made.key)
    lines = TSA_EXTENSIONS if extensions is None else extensions
    config = folder / f"{name}.ext"
    config.write_text("[e]\n" + "".join(f"{k}={v}\n" for k, v in lines.items() if v))
    subject = f"/O=Example authority (fictional)/CN={name}"
    hashing = [] if key == "ed25519" and issuer is None else [f"-{digest}"]
    request = openssl("req", "-new", "-key", made.key, "-subj", subject)
    by = (
        ["-signkey", made.key]
        if issuer is None
        else ["-CA", issuer.certificate, "-CAkey", issuer.key]
    )
    openssl(
        "x509", "-req", "-days", days, "-extfile", config, "-extensions", "e", *by, *hashing,
        "-out", made.certificate, given=request,
    )  # fmt: skip
    return made


@dataclass
class Authority:
    """Root, intermediate and signer, with `openssl ts` answering for them."""

    folder: Path
    root: Holder
    middle: Holder
    signer: Holder
    asked: list[bytes] = field(default_factory=list)

    @classmethod
    def make(cls, folder: Path, *, key: str = "ec") -> "Authority":
        root = issue(folder, "root", None, extensions=CA_EXTENSIONS)
        middle = issue(folder, "middle", root, extensions=CA_EXTENSIONS)
        authority = cls(folder, root, middle, issue(folder, "tsa", middle, key=key))
        (folder / "serial").write_text("01\n")
        # `certs` makes openssl send an unsorted SET of certificates, as many authorities do.
        (folder / "chain.pem").write_bytes(
            root.certificate.read_bytes() + middle.certificate.read_bytes()
        )
        (folder / "tsa.cnf").write_text(
            "[tsa]\ndefault_tsa=t1\n[t1]\nserial=./serial\nsigner_cert=tsa.pem\n"
            "signer_key=tsa.key\ncerts=chain.pem\nsigner_digest=sha256\n"
            f"default_policy={POLICY}\ndigests=sha256,sha384,sha512\naccuracy=secs:1,millisecs:500\n"
            "ordering=yes\ntsa_name=yes\ness_cert_id_chain=yes\ness_cert_id_alg=sha256\n"
        )
        return authority

    @property
    def roots(self) -> list[x509.Certificate]:
        return [self.root.load()]

    def reply(self, query: bytes) -> bytes:
        """Answer a TimeStampReq as `openssl ts -reply` does."""
        self.asked.append(query)
        ask, answer = self.folder / "query.tsq", self.folder / "answer.tsr"
        ask.write_bytes(query)
        subprocess.run(
            ["openssl", "ts", "-reply", "-config", "tsa.cnf", "-queryfile", ask, "-out", answer],
            cwd=self.folder, capture_output=True, check=True, timeout=60,
        )  # fmt: skip
        return answer.read_bytes()

    def stamp(self, data: bytes, *, digest: str = "sha256") -> bytes:
        """Return the TimeStampResp over `data`, asked with openssl's own query."""
        file = self.folder / "data"
        file.write_bytes(data)
        return self.reply(openssl("ts", "-query", "-data", file, f"-{digest}", "-cert"))

    def craft(
        self, info: bytes, *options: object, signer: Holder | None = None, kind: str = TST_INFO
    ) -> bytes:
        """Return a token around `info`, signed by openssl's CMS; it need not make sense."""
        by = signer or self.signer
        return openssl(
            "cms", "-sign", "-binary", "-nodetach", "-cades", "-nosmimecap", "-outform", "DER",
            "-econtent_type", kind, "-signer", by.certificate,
            "-inkey", by.key, "-certfile", self.middle.certificate, "-md", "sha256", *options,
            given=info,
        )  # fmt: skip


class _Handler(BaseHTTPRequestHandler):
    server: "Server"

    def do_POST(self) -> None:
        query = self.rfile.read(int(self.headers["Content-Length"]))
        assert self.headers["Content-Type"] == "application/timestamp-query"
        code, headers, body = self.server.answer(query)
        self.send_response(code)
        for name, value in {"Content-Type": "application/timestamp-reply", **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        with suppress(ConnectionError):  # a client may have had enough
            for start in range(0, len(body), 100 if self.server.pause else 1 << 20):
                self.wfile.write(body[start : start + (100 if self.server.pause else 1 << 20)])
                time.sleep(self.server.pause)

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002
        pass


class Server(ThreadingHTTPServer):
    def __init__(self, authority: Authority) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.authority = authority
        self.told: tuple[int, dict[str, str], bytes] | None = None
        self.pause = 0.0

    def answer(self, query: bytes) -> tuple[int, dict[str, str], bytes]:
        return self.told or (200, {}, self.authority.reply(query))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/tsa"


@contextmanager
def serving(authority: Authority) -> Iterator[Server]:
    """Serve on loopback; set `told` to (code, headers, body) to make it misbehave."""
    with Server(authority) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
