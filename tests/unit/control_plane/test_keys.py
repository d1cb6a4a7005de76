"""What an authority signs is what others check: chain, name, groups, names of servers, and its end."""

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.x509.verification import PolicyBuilder, Store

from tradai_control_plane.keys import MAKERS, Subject, ends, public, sign

NOW = datetime.now(UTC).replace(microsecond=0)
DAY = timedelta(days=1)


def test_a_server_is_known_by_each_of_its_names() -> None:
    authority = MAKERS.authority(NOW)
    signed = sign(authority, Subject(user="kube-apiserver", names=("127.0.0.1", "localhost")), NOW, DAY)
    found = x509.load_pem_x509_certificate(signed.certificate.encode())
    trusted = Store([x509.load_pem_x509_certificate(authority.certificate.encode())])
    verifier = PolicyBuilder().store(trusted).time(NOW).build_server_verifier(x509.DNSName("localhost"))
    assert verifier.verify(found, [])
    names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert [str(each) for each in names.get_values_for_type(x509.IPAddress)] == ["127.0.0.1"]


def test_a_client_has_its_user_and_groups_and_ends_when_it_was_said() -> None:
    signed = sign(MAKERS.authority(NOW), Subject(user="jane", groups=("a", "b")), NOW, DAY)
    found = x509.load_pem_x509_certificate(signed.certificate.encode())
    said = [(each.oid._name, each.value) for each in found.subject]
    assert said == [("organizationName", "a"), ("organizationName", "b"), ("commonName", "jane")]
    assert ends(signed.certificate) == NOW + DAY


def test_another_authority_does_not_know_it() -> None:
    signed = sign(MAKERS.authority(NOW), Subject(user="x", names=("localhost",)), NOW, DAY)
    other = Store([x509.load_pem_x509_certificate(MAKERS.authority(NOW).certificate.encode())])
    verifier = PolicyBuilder().store(other).time(NOW).build_server_verifier(x509.DNSName("localhost"))
    with pytest.raises(x509.verification.VerificationError):
        verifier.verify(x509.load_pem_x509_certificate(signed.certificate.encode()), [])


def test_two_authorities_of_one_moment_have_names_of_their_own() -> None:
    one, other = (x509.load_pem_x509_certificate(MAKERS.authority(NOW).certificate.encode()) for _ in range(2))
    assert one.subject != other.subject


def test_the_public_half_of_a_key_is_no_key() -> None:
    half = public(MAKERS.service_account(NOW).key)
    assert half.startswith("-----BEGIN PUBLIC KEY-----")
