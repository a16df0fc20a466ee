# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE. A certificate and its key from one PEM file, ready for MSAL."""

from __future__ import annotations

import re
import typing as t

from ..._common import private_file
from ..._common.words import many
from ..errors import CredentialsError

_BLOCK = re.compile(rb"-----BEGIN ([A-Z0-9 ]+)-----.+?-----END \1-----", re.DOTALL)


def client_credential(path: str, passphrase: str | None) -> dict[str, str]:
    """
    ``{private_key, public_certificate}`` as MSAL takes them, PEM, the key decrypted.

    Of several certificates (a chain) the key's own is taken. Raises :class:`CredentialsError`.
    """
    from cryptography.hazmat.primitives import serialization

    key_block, certificate_blocks = _blocks(_read_file(path))
    key = _load_key(key_block, passphrase)
    public = _encoded(key.public_key())
    for block in certificate_blocks:
        certificate = _load_certificate(block)
        if _encoded(certificate.public_key()) == public:
            private_key = key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
            pem = certificate.public_bytes(serialization.Encoding.PEM)
            return {"private_key": private_key.decode(), "public_certificate": pem.decode()}
    raise CredentialsError("client_certificate_path: the file holds no certificate that belongs to its private key.")


def _read_file(path: str) -> bytes:
    try:
        return private_file.resolved(path).read_bytes()
    except OSError as error:
        reason = error.strerror or str(error).rstrip(".")
    raise CredentialsError(f"client_certificate_path: {path} cannot be read: {reason}.")


def _blocks(content: bytes) -> tuple[bytes, list[bytes]]:
    blocks = [(match[1], match[0]) for match in _BLOCK.finditer(content)]
    keys = [block for label, block in blocks if label.endswith(b"PRIVATE KEY")]
    certificates = [block for label, block in blocks if label == b"CERTIFICATE"]
    if len(keys) != 1 or not certificates:
        raise CredentialsError(
            "client_certificate_path: the file must be one PEM with a private key and its certificate; "
            f"it holds {many(len(keys), 'key')} and {many(len(certificates), 'certificate')}."
        )
    return keys[0], certificates


def _load_key(block: bytes, passphrase: str | None) -> t.Any:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    encrypted = b"ENCRYPTED" in block
    if encrypted and passphrase is None:
        raise CredentialsError("client_certificate_passphrase is missing: the private key is encrypted.")
    key, reason = None, ""
    try:
        # An unencrypted key with a passphrase beside it is no contradiction worth failing for.
        key = load_pem_private_key(block, passphrase.encode() if encrypted and passphrase is not None else None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        reason = "the private key cannot be read"
        reason += "; is client_certificate_passphrase right?" if encrypted else "."
    if key is None:
        raise CredentialsError(f"client_certificate_path: {reason}")
    if not isinstance(key, RSAPrivateKey):
        raise CredentialsError("client_certificate_path: the private key must be an RSA key, as Entra demands.")
    return key


def _load_certificate(block: bytes) -> t.Any:
    from cryptography.x509 import load_pem_x509_certificate

    try:
        return load_pem_x509_certificate(block)
    except ValueError:
        pass
    raise CredentialsError("client_certificate_path: a certificate in the file cannot be read.")


def _encoded(public_key: t.Any) -> bytes:
    from cryptography.hazmat.primitives import serialization

    encoded: bytes = public_key.public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return encoded
