"""How keys are made, and what an authority signs.

Must never write anything: whoever asks decides where a key goes.
"""

import base64
import secrets
from datetime import datetime, timedelta
from ipaddress import ip_address
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from tradai_control_plane.base import Frozen
from tradai_control_plane.bundle import Generation
from tradai_control_plane.rotation import Makers

#: An authority is renewed long before, and trusted until nothing of it is left.
_AUTHORITY: Final = timedelta(days=3650)
#: Clocks differ a little.
_EARLIER: Final = timedelta(minutes=5)
_SECRETBOX_BYTES: Final = 32


class Signed(Frozen):
    """A certificate and its key."""

    certificate: str
    key: str


class Subject(Frozen):
    """Whom a certificate names: a user with groups, or a server with names and addresses."""

    user: str
    groups: tuple[str, ...] = ()
    names: tuple[str, ...] = ()


def sign(authority: Generation, subject: Subject, now: datetime, good_for: timedelta) -> Signed:
    """A certificate of that subject with a key of its own."""
    key, issuer = generate_private_key(SECP256R1()), x509.load_pem_x509_certificate(authority.certificate.encode())
    usage = ExtendedKeyUsageOID.SERVER_AUTH if subject.names else ExtendedKeyUsageOID.CLIENT_AUTH
    builder = _builder(_name(subject), issuer.subject, key, now, good_for)
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    builder = builder.add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
    issued_by = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.public_key())  # type: ignore[arg-type]
    builder = builder.add_extension(issued_by, critical=False)
    if subject.names:
        names = x509.SubjectAlternativeName([_alternative(each) for each in subject.names])
        builder = builder.add_extension(names, critical=False)
    made = builder.sign(_private(authority.key), hashes.SHA256())
    return Signed(certificate=made.public_bytes(Encoding.PEM).decode(), key=_pem(key))


def ends(certificate: str) -> datetime:
    """When it ceases to be good."""
    return x509.load_pem_x509_certificate(certificate.encode()).not_valid_after_utc


def public(key: str) -> str:
    """The public half."""
    half = _private(key).public_key()
    return half.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def _authority(now: datetime) -> Generation:
    key = generate_private_key(SECP256R1())
    # the name tells generations apart for whoever looks for the issuer of a certificate by it
    name = _name(Subject(user=f"tradai-control-plane-{now:%Y%m%dT%H%M%S}-{secrets.token_hex(4)}"))
    builder = _builder(name, name, key, now, _AUTHORITY)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    made = builder.add_extension(_SIGNS, critical=True).sign(key, hashes.SHA256())
    return Generation(made=now, key=_pem(key), certificate=made.public_bytes(Encoding.PEM).decode())


def _signing_key(now: datetime) -> Generation:
    return Generation(made=now, key=_pem(generate_private_key(SECP256R1())))


def _at_rest(now: datetime) -> Generation:
    return Generation(made=now, key=base64.b64encode(secrets.token_bytes(_SECRETBOX_BYTES)).decode())


MAKERS: Final = Makers(authority=_authority, service_account=_signing_key, at_rest=_at_rest)

_SIGNS: Final = x509.KeyUsage(
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


def _builder(
    name: x509.Name, issuer: x509.Name, key: EllipticCurvePrivateKey, now: datetime, good_for: timedelta
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _EARLIER)
        .not_valid_after(now + good_for)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _name(subject: Subject) -> x509.Name:
    groups = [x509.NameAttribute(NameOID.ORGANIZATION_NAME, each) for each in subject.groups]
    return x509.Name([*groups, x509.NameAttribute(NameOID.COMMON_NAME, subject.user)])


def _alternative(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _pem(key: EllipticCurvePrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()).decode()


def _private(pem: str) -> EllipticCurvePrivateKey:
    found = load_pem_private_key(pem.encode(), None)
    if not isinstance(found, EllipticCurvePrivateKey):
        raise TypeError("the key is of another kind than this step makes")
    return found
