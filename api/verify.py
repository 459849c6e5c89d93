"""Verify published lists: every file is what its manifest says, each manifest is signed, and none is missing between.

Needs Python 3.9 or newer and nothing else; it reads files and asks no server. A copy lies beside the lists:

    python3 verify.py [FOLDER] [--key PUBLIC_KEY ...]

PUBLIC_KEY is the publisher's key, 64 hexadecimal digits or a file that holds them, had from the publisher itself and
not from the folder: without it a folder can be shown to be whole, but not whose it is. Exit 0: all is well; 1: it is
not, and each fault is named; 2: it could not be verified.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import sys
from pathlib import Path
from typing import Any

FORMAT = "hanhtrinh list 1"
MANIFEST, SIGNATURE, STAMP = ".manifest.json", ".manifest.sig", ".manifest.tsr"
SHA_256 = bytes.fromhex("0609608648016503040201")  # its object identifier, DER
# What may lie beside lists without being named in a manifest.
BESIDE = re.compile(r"verify\.py|.*\.pub|\..*")

# Ed25519, RFC 8032, section 5.1. Points are (X, Y, Z, T) with x = X/Z, y = Y/Z, xy = T/Z.
P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
Point = tuple[int, int, int, int]
D = -121665 * pow(121666, -1, P) % P
ROOT = pow(2, (P - 1) // 4, P)


def _add(a: Point, b: Point) -> Point:
    e, f = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    g, h = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    x, y, z, t = f - e, h - g, h + g, f + e
    return x * y % P, z * t % P, y * z % P, x * t % P


def _times(factor: int, point: Point) -> Point:
    total = (0, 1, 1, 0)
    while factor:
        if factor & 1:
            total = _add(total, point)
        point = _add(point, point)
        factor >>= 1
    return total


def _point(octets: bytes) -> Point | None:
    """The point that 32 octets stand for, or None."""
    y = int.from_bytes(octets, "little")
    sign, y = y >> 255, y & ((1 << 255) - 1)
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = P - x
    return x, y, 1, x * y % P


BASE = _point((4 * pow(5, -1, P) % P).to_bytes(32, "little")) or (0, 0, 0, 0)


def signed_by(key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether an Ed25519 signature (64 octets) of a message is that of a public key (32 octets)."""
    if len(key) != 32 or len(signature) != 64:
        return False
    a, r, s = _point(key), _point(signature[:32]), int.from_bytes(signature[32:], "little")
    if a is None or r is None or s >= ORDER:
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % ORDER
    left, right = _times(s, BASE), _add(r, _times(h, a))
    return not ((left[0] * right[2] - right[0] * left[2]) % P or (left[1] * right[2] - right[1] * left[2]) % P)


class Verified:
    """What was found: faults, each a sentence; notes; and the manifests in the order of the chain."""

    def __init__(self) -> None:
        self.faults: list[str] = []
        self.notes: list[str] = []
        self.manifests: list[dict[str, Any]] = []


def verify(folder: Path, keys: list[str]) -> Verified:
    """Look at every list of a folder. `keys`: public keys (hex) that may have signed; none: that of the first list."""
    found = Verified()
    raw = {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file()}
    hashes = {name: hashlib.sha256(content).hexdigest() for name, content in raw.items()}
    for name in [name for name in raw if name.endswith(MANIFEST)]:
        manifest = _read(name, raw[name], found)
        if manifest is not None:
            manifest["hash"] = hashes[name]
            found.manifests.append(manifest)
    found.manifests.sort(key=lambda one: one["position"])
    if not found.manifests:
        found.faults.append(f"{folder}: no list lies here")
        return found
    named: dict[str, tuple[str | None, dict[str, Any]]] = {}
    for manifest in found.manifests:
        named.update({file["name"]: (file["sha256"], manifest) for file in manifest["files"]})
        named.update({manifest["stem"] + suffix: (None, manifest) for suffix in (MANIFEST, SIGNATURE)})
    stamps = {manifest["stem"] + STAMP: manifest for manifest in found.manifests}
    for name in sorted(stamps.keys() & raw.keys()):
        _stamp(name, raw.pop(name), stamps[name], found)
    _files(named, raw, hashes, found)
    _signatures(raw, keys, found)
    _chain(found)
    return found


def title(manifest: dict[str, Any]) -> str:
    kind = f"amendment {manifest['amendment']}" if manifest["amendment"] else "list"
    return f"{manifest['number']:02d}/{manifest['year']} ({kind} of {manifest['week']})"


def _read(name: str, content: bytes, found: Verified) -> dict[str, Any] | None:
    try:
        manifest = json.loads(content)
        if manifest["format"] != FORMAT:
            found.faults.append(f"{name}: is of the format {manifest['format']!r}; this program knows {FORMAT!r}")
            return None
        kinds = {"position": int, "number": int, "year": int, "amendment": int, "week": str, "stem": str, "files": list}
        for key, kind in kinds.items():
            if type(manifest[key]) is not kind:
                raise ValueError(f"{key} is no {kind.__name__}")
        for file in manifest["files"]:
            if not re.fullmatch("[0-9a-f]{64}", file["sha256"]) or not isinstance(file["name"], str):
                raise ValueError("files are not named with their SHA-256")
        if manifest["public_key"] is not None and not re.fullmatch("[0-9a-f]{64}", manifest["public_key"]):
            raise ValueError("public_key is none")
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        found.faults.append(f"{name}: cannot be read as a manifest, so that its list is not verified: {error!r}")
        return None
    if name != manifest["stem"] + MANIFEST:
        found.faults.append(
            f"{name}: holds the manifest of {title(manifest)}, whose file is {manifest['stem']}{MANIFEST}"
        )
    return dict(manifest)


def _files(
    named: dict[str, tuple[str | None, dict[str, Any]]], raw: dict[str, bytes], hashes: dict[str, str], found: Verified
) -> None:
    owner = {hash_: name for name, (hash_, _) in named.items() if hash_}
    for name, (hash_, manifest) in sorted(named.items()):
        if hash_ is None or hashes.get(name) == hash_:
            continue
        if name not in raw:
            found.faults.append(f"{name}: is missing; {title(manifest)} names it")
        elif hashes[name] in owner:
            found.faults.append(f"{name}: holds what {owner[hashes[name]]} should hold: files were swapped")
        else:
            found.faults.append(f"{name}: was changed after {title(manifest)} was published "
                                f"(SHA-256 {hashes[name]}, published {hash_})")  # fmt: skip
    for name in sorted(raw.keys() - named.keys()):
        if name.endswith((MANIFEST, SIGNATURE)):
            if name.endswith(SIGNATURE):
                found.faults.append(f"{name}: a signature without its manifest: the list itself is missing")
        elif not BESIDE.fullmatch(name):
            found.faults.append(f"{name}: belongs to no published list that lies here")


def _signatures(raw: dict[str, bytes], keys: list[str], found: Verified) -> None:
    first = next((one["public_key"] for one in found.manifests if one.get("public_key")), None)
    trusted = keys or ([first] if first else [])
    if not keys and first:
        found.notes.append(f"no key was given: signatures were compared with the folder's own key {first}; "
                           "ask the publisher whether it is theirs, or give theirs with --key")  # fmt: skip
    for manifest in found.manifests:
        said, name = manifest.get("public_key"), manifest["stem"] + SIGNATURE
        if not said:
            found.faults.append(f"{title(manifest)}: was published without a signature: anybody can have made it")
            continue
        try:
            signature = bytes.fromhex(raw[name].decode("ascii").strip()) if name in raw else None
        except ValueError:
            signature = b""
        message = raw.get(manifest["stem"] + MANIFEST, b"")
        if said not in trusted:
            found.faults.append(f"{title(manifest)}: signed with another key than expected: {said}")
        elif signature is None:
            found.faults.append(f"{name}: is missing: {title(manifest)} is not shown to be the publisher's")
        elif not signed_by(bytes.fromhex(said), message, signature):
            found.faults.append(f"{title(manifest)}: the signature does not fit: the manifest or {name} "
                                f"was changed, or another key signed it")  # fmt: skip


def _chain(found: Verified) -> None:
    first, last = found.manifests[0], found.manifests[-1]
    if first["position"] > 1:
        found.notes.append(f"the lists before {title(first)} do not lie here: they were not verified")
    elif first["previous"] is not None:
        found.faults.append(f"{title(first)}: is the first of all, and yet names one before it")
    for one, after in zip(found.manifests, found.manifests[1:]):  # noqa: B905 - Python 3.9
        gap = after["position"] - one["position"]
        if gap == 0:
            found.faults.append(
                f"{title(one)} and {title(after)} stand at the same place {one['position']} of the chain"
            )
        elif gap > 1:
            missing = "1 list or amendment is" if gap == 2 else f"{gap - 1} lists or amendments are"
            found.faults.append(f"{missing} missing between {title(one)} and {title(after)}")
        elif after["previous"] != one["hash"]:
            found.faults.append(
                f"{title(after)}: was published after another {title(one)} than lies here: the chain is broken"
            )
    found.notes.append(f"the last one here is {title(last)}: ask the publisher whether there are later ones")


def _stamp(name: str, content: bytes, manifest: dict[str, Any], found: Verified) -> None:
    """Whether a time stamp (RFC 3161) is one of this manifest; its signature is not verified, which is said."""
    try:
        imprint, moment = _stamped(content)
    except (ValueError, IndexError) as error:
        found.faults.append(f"{name}: cannot be read as a time stamp: {error}")
        return
    if imprint.hex() != manifest["hash"]:
        found.faults.append(f"{name}: is a time stamp of something else than the manifest of {title(manifest)}")
    else:
        found.notes.append(f"{title(manifest)}: its time stamp names this manifest and {moment}; whether the stamp is "
                           "an authority's was not verified here; `list verify --timestamp-ca` does")  # fmt: skip


def _stamped(content: bytes) -> tuple[bytes, str]:
    """Imprint (SHA-256) and time of a TimeStampResp, DER. Raises ValueError or IndexError."""
    signed = _value(_parts(_value(_parts(_value(content, 0x30))[1], 0x30))[1], 0xA0)  # the token, behind the status
    encapsulated = _parts(_value(_parts(_value(signed, 0x30))[2], 0x30))
    info = _parts(_value(_value(_value(encapsulated[1], 0xA0), 0x04), 0x30))
    imprint = _parts(_value(info[2], 0x30))
    if _parts(_value(imprint[0], 0x30))[0] != SHA_256:
        raise ValueError("its imprint is not by SHA-256")
    return _value(imprint[1], 0x04), _value(info[4], 0x18).decode("ascii")


def _value(element: bytes, tag: int) -> bytes:
    """What a DER element holds, which has to have this tag."""
    if element[0] != tag:
        raise ValueError(f"tag {element[0]:#x} where {tag:#x} is expected")
    return element[2 + (element[1] & 0x7F if element[1] & 0x80 else 0) :]


def _parts(content: bytes) -> list[bytes]:
    """The DER elements that stand in a row."""
    parts: list[bytes] = []
    while content:
        octets = content[1] & 0x7F if content[1] & 0x80 else 0
        length = int.from_bytes(content[2 : 2 + octets], "big") if octets else content[1]
        if (whole := 2 + octets + length) > len(content):
            raise ValueError("it is cut short")
        parts, content = [*parts, content[:whole]], content[whole:]
    return parts


def read_key(text: str) -> str:
    """A public key as hexadecimal digits, given so or as the name of a file. Raises ValueError with what is wrong."""
    if re.fullmatch("[0-9a-fA-F]{64}", text):
        return text.lower()
    try:
        held = Path(text).read_text(encoding="ascii").strip()
    except (OSError, ValueError) as error:
        raise ValueError(f"--key {text}: neither 64 hexadecimal digits nor a file that can be read ({error})") from None
    if not re.fullmatch("[0-9a-fA-F]{64}", held):
        raise ValueError(f"--key {text}: holds no public key: 64 hexadecimal digits are expected")
    return held.lower()


def report(found: Verified) -> str:
    """All that was found, as text."""
    lines = [f"fault: {fault}" for fault in found.faults] + [f"note: {note}" for note in found.notes]
    count = f"{len(found.manifests)} lists and amendments, {sum(len(one['files']) for one in found.manifests)} files"
    return "\n".join([*lines, f"{count}: {len(found.faults)} faults" if found.faults else f"{count}: all as published"])


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description="Verify published lists.", epilog=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
    parser.add_argument("folder", nargs="?", type=Path, default=Path(__file__).parent)
    parser.add_argument("--key", action="append", default=[], help="the publisher's public key: digits, or a file")
    given = parser.parse_args(arguments)
    try:
        found = verify(given.folder, [read_key(key) for key in given.key])
    except (OSError, ValueError) as error:
        print(f"verify: {error}", file=sys.stderr)
        return 2
    print(report(found))
    return 1 if found.faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
