"""Signatures by public keys: all that needs ``cryptography``, which an extra brings; imported when one is checked."""

from __future__ import annotations

from datetime import datetime

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA1, SHA256, HashAlgorithm
from cryptography.hazmat.primitives.serialization import load_der_public_key
from cryptography.x509 import load_pem_x509_certificate

from living_personas.channels.email_providers.proof import refuse

__all__ = ["check_amazon", "check_sendgrid"]

_HASHES: dict[str, HashAlgorithm] = {"1": SHA1(), "2": SHA256()}  # noqa: S303 - Amazon's choice, version 1


def check_amazon(certificate: bytes, signature: bytes, signed: bytes, *, version: str, now: datetime) -> None:
    """Refuse what the key of Amazon's certificate did not sign; ``version`` says by which hash."""
    try:
        _certified(certificate, now).verify(signature, signed, PKCS1v15(), _HASHES[version])
    except InvalidSignature:
        refuse("The signature of Amazon does not fit the message.")


def check_sendgrid(key: bytes, signature: bytes, signed: bytes) -> None:
    """Refuse what the verification key did not sign."""
    try:
        found = load_der_public_key(key)
    except (ValueError, UnsupportedAlgorithm):
        refuse("The verification key of SendGrid is no public key.")
    if not isinstance(found, EllipticCurvePublicKey):
        refuse("The verification key of SendGrid is no elliptic-curve key.")
    try:
        found.verify(signature, signed, ECDSA(SHA256()))
    except InvalidSignature:
        refuse("The signature of SendGrid does not fit the body.")


def _certified(certificate: bytes, now: datetime) -> RSAPublicKey:
    try:
        found = load_pem_x509_certificate(certificate)
        key = found.public_key()
    except (ValueError, UnsupportedAlgorithm):
        refuse("What Amazon's address holds is no certificate.", hint="try again: it may have been cut off.")
    if not found.not_valid_before_utc <= now <= found.not_valid_after_utc:
        refuse("The certificate of Amazon is not valid now.", hint="is the clock of this machine right?")
    if not isinstance(key, RSAPublicKey):
        refuse("The certificate of Amazon holds no RSA key.", hint="try again: it may have been cut off.")
    return key
