# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys and certificates: a CA of the emulator's own, the server's certificate, the client's, the token signer.

They are kept in the emulator's directory and used again, so that a restart needs no new trust.
"""

from __future__ import annotations

import hashlib
import ipaddress
import os
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


@dataclass(frozen=True)
class Keys:
    """What the server needs at run time; the rest is in files."""

    token_key: rsa.RSAPrivateKey
    kid: str
    client_certificate: x509.Certificate
    federation_key: ec.EllipticCurvePrivateKey
    directory: Path

    def path(self, name: str) -> Path:
        return self.directory / name


def prepare(directory: Path, hosts: tuple[str, ...], passphrase: str) -> Keys:
    """Make what is missing in ``directory`` and load the rest."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    _server_certificate(directory, hosts)
    token_key = _load(directory / "token-key.pem", _rsa)
    client_key = _load(directory / "client-key.pem", _rsa)
    federation_key = _load(directory / "federation-key.pem", lambda: ec.generate_private_key(ec.SECP256R1()))
    if not isinstance(token_key, rsa.RSAPrivateKey) or not isinstance(federation_key, ec.EllipticCurvePrivateKey):
        raise ValueError(f"the keys in {directory} are not the emulator's")
    certificate = _client_certificate(directory, client_key, passphrase)
    public = token_key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return Keys(token_key, hashlib.sha256(public).hexdigest()[:27], certificate, federation_key, directory)


def _rsa() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _load(path: Path, make: object) -> PrivateKey:
    if path.exists():
        key = serialization.load_pem_private_key(path.read_bytes(), None)
    else:
        key = make()  # type: ignore[operator]
        write(path, _pem(key))
    if not isinstance(key, (rsa.RSAPrivateKey, ec.EllipticCurvePrivateKey)):
        raise ValueError(f"{path} is not a key of the emulator")
    return key


def _pem(key: PrivateKey, passphrase: str = "") -> bytes:
    lock: serialization.KeySerializationEncryption = serialization.NoEncryption()
    if passphrase:
        lock = serialization.BestAvailableEncryption(passphrase.encode())
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, lock)


def write(path: Path, content: bytes, mode: int = 0o600) -> None:
    """Write a file in one step: readers see the old one or the new one."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(content)
    temporary.replace(path)


def _name(common_name: str) -> x509.Name:
    organization = x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Partner Center emulator")
    return x509.Name([organization, x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _builder(subject: str, issuer: str, key: PrivateKey) -> x509.CertificateBuilder:
    now = datetime.now(timezone.utc)
    return (
        x509.CertificateBuilder()
        .subject_name(_name(subject))
        .issuer_name(_name(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=365))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _server_certificate(directory: Path, hosts: tuple[str, ...]) -> None:
    """The CA's key is forgotten at once: nobody can issue another certificate that its users would trust."""
    if all((directory / name).exists() for name in ("ca.pem", "server.pem", "server-key.pem")) and _names_host(
        directory, hosts
    ):
        return
    authority, server = (ec.generate_private_key(ec.SECP256R1()) for _key in range(2))
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
    root = (
        _builder("Partner Center emulator CA", "Partner Center emulator CA", authority)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .sign(authority, hashes.SHA256())
    )
    issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.public_key())
    leaf = (
        _builder(hosts[0], "Partner Center emulator CA", server)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName(_alternatives(hosts)), critical=False)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(issuer, critical=False)
        .sign(authority, hashes.SHA256())
    )
    write(directory / "server-key.pem", _pem(server))
    write(directory / "server.pem", leaf.public_bytes(serialization.Encoding.PEM), 0o644)
    write(directory / "ca.pem", root.public_bytes(serialization.Encoding.PEM), 0o644)


def _names_host(directory: Path, hosts: tuple[str, ...]) -> bool:
    leaf = x509.load_pem_x509_certificate((directory / "server.pem").read_bytes())
    names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    fresh = leaf.not_valid_after_utc > datetime.now(timezone.utc) + timedelta(days=2)
    return fresh and all(name in list(names) for name in _alternatives(hosts))


def _alternatives(hosts: tuple[str, ...]) -> list[x509.GeneralName]:
    names: list[x509.GeneralName] = [x509.DNSName("localhost")]
    for text in dict.fromkeys(("127.0.0.1", "::1", *hosts)):
        try:
            names.append(x509.IPAddress(ipaddress.ip_address(text)))
        except ValueError:
            if text != "localhost":
                names.append(x509.DNSName(text))
    return names


def _client_certificate(directory: Path, key: PrivateKey, passphrase: str) -> x509.Certificate:
    """One PEM with key and certificate, once locked with a passphrase and once not."""
    path = directory / "client.pem"
    if path.exists():
        return x509.load_pem_x509_certificate(path.read_bytes())
    name = "partner-center-automation"
    certificate = _builder(name, name, key).sign(key, hashes.SHA256())
    public = certificate.public_bytes(serialization.Encoding.PEM)
    write(directory / "client-locked.pem", _pem(key, passphrase) + public)
    write(path, _pem(key) + public)
    return certificate
