"""A certificate authority for tests, a server's and clients' certificates by it, and the same by a strange one."""

from __future__ import annotations

import ipaddress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_LIFE = timedelta(days=2)


class Pair(NamedTuple):
    """PEM files of a certificate and of its key (PKCS 8, without password)."""

    certificate: Path
    key: Path


class Authority(NamedTuple):
    """An authority that signs; `certificate` is the PEM file to trust."""

    certificate: Path
    folder: Path
    subject: x509.Certificate
    secret: ec.EllipticCurvePrivateKey

    def client(self, name: str) -> Pair:
        """A client's certificate; `name` is its common name."""
        return _issue(self, name, ExtendedKeyUsageOID.CLIENT_AUTH)

    def server(self, name: str = "localhost") -> Pair:
        """A certificate of a server that is reached as localhost or 127.0.0.1."""
        return _issue(self, name, ExtendedKeyUsageOID.SERVER_AUTH)


class Certificates(NamedTuple):
    """The authority that both sides trust, one that nobody trusts, and the server's certificate by the first."""

    authority: Authority
    strange: Authority
    server: Pair


def make(folder: Path) -> Certificates:
    """New authorities and a server's certificate, in a folder."""
    authority = make_authority(folder / "authority", "test authority")
    return Certificates(authority, make_authority(folder / "strange", "strange authority"), authority.server())


def make_authority(folder: Path, name: str) -> Authority:
    folder.mkdir(parents=True)
    secret = ec.generate_private_key(ec.SECP256R1())
    subject = (
        _builder(_name(name), _name(name), secret.public_key(), secret.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .sign(secret, hashes.SHA256())
    )
    path = folder / "authority.pem"
    path.write_bytes(subject.public_bytes(Encoding.PEM))
    return Authority(path, folder, subject, secret)


def _issue(authority: Authority, name: str, use: x509.ObjectIdentifier) -> Pair:
    secret = ec.generate_private_key(ec.SECP256R1())
    names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    builder = (
        _builder(_name(name), authority.subject.subject, secret.public_key(), authority.secret.public_key())
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([use]), critical=False)
    )
    if use == ExtendedKeyUsageOID.SERVER_AUTH:
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    certificate = builder.sign(authority.secret, hashes.SHA256())
    pair = Pair(authority.folder / f"{name}.pem", authority.folder / f"{name}.key")
    pair.certificate.write_bytes(certificate.public_bytes(Encoding.PEM))
    pair.key.write_bytes(secret.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    pair.key.chmod(0o600)
    return pair


def _name(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, issuer_key: ec.EllipticCurvePublicKey
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _LIFE)
        .not_valid_after(now + _LIFE)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key), critical=False)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
