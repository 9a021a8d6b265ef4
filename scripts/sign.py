"""Sign a package with a key of one's own: `python -m scripts.sign --help`.

A daemon with `THIRD_PARTY_SIGNATURE_VERIFICATION_ENABLED` installs what was signed with a key that
it knows. The format is the daemon's (0.6.10, `plugin_packager/signer` and `decoder/verifier.go`):
a last file says who vouches; SHA-256 of every file, in the archive's order, and the time of signing
are signed together (RSA, PKCS #1 v1.5, SHA-256); signature and time are the archive's comment.
"""

import argparse
import base64
import hashlib
import io
import json
import sys
import time
import zipfile
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import (
    RSAPrivateKey,
    RSAPublicKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from cli.build.archive import pack

VERIFICATION = ".verification.dify.json"
CATEGORY = b'{"authorized_category":"community"}'
"""The daemon knows `langgenius`, `partner` and `community`; a key of one's own is the last."""

KEY_BITS = 4096


class SignatureError(Exception):
    """A key or a package cannot be used; the text says why."""


def generate(name: Path) -> tuple[Path, Path]:
    """Write a new pair of keys, `NAME.private.pem` and `NAME.public.pem`.

    Raises:
        SignatureError: there is one already.
    """
    private, public = (name.with_name(f"{name.name}.{kind}.pem") for kind in ("private", "public"))
    if private.exists() or public.exists():
        raise SignatureError(f"{private} or {public} is there already; nothing was written")
    key = generate_private_key(65537, KEY_BITS)
    private.touch(mode=0o600)
    private.write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    )
    public.write_bytes(key.public_key().public_bytes(Encoding.PEM, PublicFormat.PKCS1))
    return private, public


def sign(package: bytes, private_pem: bytes, now: int) -> bytes:
    """The package, signed; `now` is seconds since 1970.

    Raises:
        SignatureError: the key is no RSA key, or the package is signed already.
    """
    key = load_pem_private_key(private_pem, None)
    if not isinstance(key, RSAPrivateKey):
        raise SignatureError("the key is no RSA key")
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    if VERIFICATION in files:
        raise SignatureError("the package is signed already")
    data = pack(files, last={VERIFICATION: CATEGORY})
    signature = key.sign(_signed(data, now), PKCS1v15(), SHA256())
    comment = {"signature": base64.b64encode(signature).decode(), "time": now}
    buffer = io.BytesIO(data)
    with zipfile.ZipFile(buffer, "a") as archive:
        archive.comment = json.dumps(comment, separators=(",", ":")).encode()
    return buffer.getvalue()


def verify(package: bytes, public_pem: bytes) -> None:
    """Check a signature as the daemon does.

    Raises:
        SignatureError: the package is not signed, or not with this key, or was changed since.
    """
    key = load_pem_public_key(public_pem)
    if not isinstance(key, RSAPublicKey):
        raise SignatureError("the key is no RSA key")
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        try:
            comment: dict[str, Any] = json.loads(archive.comment)
            signature, signed_at = base64.b64decode(comment["signature"]), int(comment["time"])
        except (ValueError, KeyError, TypeError):
            raise SignatureError("the package is not signed") from None
    try:
        key.verify(signature, _signed(package, signed_at), PKCS1v15(), SHA256())
    except InvalidSignature:
        raise SignatureError("not signed with this key, or changed since") from None


def _signed(package: bytes, now: int) -> bytes:
    """What the signature is of."""
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        digests = [hashlib.sha256(archive.read(name)).digest() for name in archive.namelist()]
    return b"".join(digests) + str(now).encode()


def main() -> int:
    """Make a pair of keys, sign a package, or check one; 1 if it cannot be done."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("generate", help="new keys").add_argument("name", type=Path)
    for command, key in (("sign", "private"), ("verify", "public")):
        chosen = commands.add_parser(command)
        chosen.add_argument("package", type=Path)
        chosen.add_argument("key", type=Path, help=f"NAME.{key}.pem")
    options = parser.parse_args()
    try:
        if options.command == "generate":
            private, public = generate(options.name)
            print(f"{private} is yours alone; {public} goes to the daemon")
        elif options.command == "verify":
            verify(options.package.read_bytes(), options.key.read_bytes())
            print(f"{options.package} was signed with {options.key}")
        else:
            print(f"signed   {sign_file(options.package, options.key)}")
    except (SignatureError, OSError, ValueError, zipfile.BadZipFile) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def sign_file(package: Path, private_key: Path) -> Path:
    """Write the signed package beside the other, as Dify's command line names it.

    Raises:
        SignatureError: see `sign`.
    """
    signed = package.with_suffix(".signed.difypkg")
    signed.write_bytes(sign(package.read_bytes(), private_key.read_bytes(), int(time.time())))
    return signed


if __name__ == "__main__":
    sys.exit(main())
