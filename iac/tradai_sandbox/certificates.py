"""The API server's certificate authority, its certificate, and the key that signs service account tokens.

Must never be reused: a new sandbox makes its own.
"""

from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from tradai_sandbox.credentials import write_private
from tradai_sandbox.ports import HOST

_LIFETIME = timedelta(days=3650)
_NAMES = ("localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc")


def ensure(directory: Path) -> None:
    """`ca.crt`, `server.crt`, `server.key` and `service-accounts.key` in `directory`, made if missing."""
    if (directory / "server.crt").exists():
        return
    directory.mkdir(parents=True, exist_ok=True)
    authority_key, server_key, tokens_key = (generate_private_key(SECP256R1()) for _ in range(3))
    authority = _authority(authority_key)
    write_private(directory / "service-accounts.key", _pem(tokens_key))
    write_private(directory / "server.key", _pem(server_key))
    (directory / "ca.crt").write_bytes(authority.public_bytes(Encoding.PEM))
    server = _server(server_key, authority, authority_key)
    (directory / "server.crt").write_bytes(server.public_bytes(Encoding.PEM))


def _pem(key: EllipticCurvePrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()).decode()


def _builder(name: str, issuer: x509.Name | None, key: EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer or subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + _LIFETIME)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _authority(key: EllipticCurvePrivateKey) -> x509.Certificate:
    usage = x509.KeyUsage(
        digital_signature=True,
        key_cert_sign=True,
        crl_sign=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
    builder = _builder("tradai-sandbox", None, key)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    return builder.add_extension(usage, critical=True).sign(key, hashes.SHA256())


def _server(
    key: EllipticCurvePrivateKey, authority: x509.Certificate, authority_key: EllipticCurvePrivateKey
) -> x509.Certificate:
    names = [x509.IPAddress(ip_address(HOST)), *(x509.DNSName(name) for name in _NAMES)]
    issuer_id = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key())
    builder = _builder("kube-apiserver", authority.subject, key)
    builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    return builder.add_extension(issuer_id, critical=False).sign(authority_key, hashes.SHA256())
