"""The certificate authority of one recording: the recorded plug-in trusts it, and nobody else does.

Must never write a key of the authority's own: it lives as long as its process. Certificates for hosts lie in a private
folder.
"""

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Lock
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

_LIFETIME: Final = timedelta(days=2)


class Authority:
    """Vouches for every host that it is asked for; `folder` is private and there."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key = generate_private_key(SECP256R1())
        self._certificate = _signed("tradai recording", self._key, None)
        self._contexts: dict[str, ssl.SSLContext] = {}
        self._lock = Lock()
        self.bundle.write_bytes(self._certificate.public_bytes(Encoding.PEM))

    @property
    def bundle(self) -> Path:
        """What a client trusts it by."""
        return self._folder / "authority.pem"

    def context(self, host: str) -> ssl.SSLContext:
        """How a server speaks for `host`, by HTTP/1.1 alone."""
        with self._lock:
            if host not in self._contexts:
                self._contexts[host] = self._made(host)
            return self._contexts[host]

    def _made(self, host: str) -> ssl.SSLContext:
        key = generate_private_key(SECP256R1())
        certificate = _signed(host, key, (self._certificate, self._key))
        private = key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
        file = self._folder / f"{host}.pem"
        file.touch(mode=0o600)
        file.write_bytes(private + certificate.public_bytes(Encoding.PEM))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        context.set_alpn_protocols(["http/1.1"])
        return context


def _signed(
    name: str, key: EllipticCurvePrivateKey, by: tuple[x509.Certificate, EllipticCurvePrivateKey] | None
) -> x509.Certificate:
    """By that authority; a new one without."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name[:64])])
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(by[0].subject if by else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + _LIFETIME)
        .add_extension(x509.BasicConstraints(ca=by is None, path_length=None), critical=True)
    )
    if by:
        builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
    return builder.sign(by[1] if by else key, hashes.SHA256())
