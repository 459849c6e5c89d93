"""The seal: what is verified, noticed and named, by the command and by the program that lies beside the lists."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from api import verify
from cli.lists.sealing import canonical, make_key
from journey.localtime import DAY_S
from storage.database import connect
from tests.cli.command import refused
from tests.lists.sample import CLOSED, START, WEEK, A, B, C, Office, drive, office

NEXT = "2025-W11"


@pytest.fixture(scope="module")
def chain(module_database: str, tmp_path_factory: pytest.TempPathFactory) -> Office:
    """Two lists and an amendment of the first, in the order list, amendment, list."""
    made = office(module_database, tmp_path_factory.mktemp("office"))
    made.take_in(drive(A, 1, "100") + drive(B, 2, "100") + drive(B, 9, "100"))
    assert made.publish().code == 0
    made.take_in(drive(C, 4, "100"))
    assert made.amend(CLOSED + DAY_S).code == 0
    made_at = str(START + 20 * DAY_S)
    made.done("list", "publish", "--week", NEXT, "--folder", made.lists, "--made-at", made_at)
    return made


@pytest.fixture
def folder(chain: Office, tmp_path: Path) -> Path:
    """A copy of what was published."""
    return Path(shutil.copytree(chain.lists, tmp_path / "received"))


def public(chain: Office) -> str:
    return (chain.folder / "list.key.pub").read_text(encoding="ascii").strip()


def faults(folder: Path, *keys: str) -> list[str]:
    return verify.verify(folder, list(keys)).faults


def test_what_was_published_is_verified(chain: Office, folder: Path) -> None:
    for key in (public(chain), str(chain.folder / "list.key.pub")):
        done = chain.run("list", "verify", folder, "--key", key)
        assert done.code == 0, done
        assert done.out.endswith("3 lists and amendments, 16 files: all as published\n")
    done = chain.run("list", "verify", folder)
    assert done.code == 0
    assert f"compared with the folder's own key {public(chain)}" in done.out


def test_the_program_beside_the_lists_needs_nothing_but_python(chain: Office, folder: Path) -> None:
    def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-I", "-S", "-B", folder / "verify.py", *arguments]
        return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    done = run("--key", public(chain))
    assert (done.returncode, done.stderr) == (0, "")
    assert "all as published" in done.stdout
    assert run(folder, "--key", "0" * 64).returncode == 1
    assert run(folder, "--key", "nothing").returncode == 2
    assert run(folder / "none").returncode == 2
    (folder / f"danh-sach-{WEEK}.csv").write_bytes(b"")
    done = run()
    assert done.returncode == 1
    assert f"fault: danh-sach-{WEEK}.csv: was changed after 01/2025 (list of {WEEK}) was published" in done.stdout


def test_every_changed_byte_of_every_file_is_noticed(folder: Path) -> None:
    """A byte in each of many places of each file, one at a time; a signature's digits, too."""
    for path in sorted(folder.iterdir()):
        if path.name == "verify.py":
            continue
        content = path.read_bytes()
        for place in {0, len(content) // 3, len(content) // 2, len(content) - 2}:
            changed = bytearray(content)
            changed[place] ^= 1
            path.write_bytes(changed)
            said = faults(folder)
            name = path.name.partition(".")[0]
            assert any(name in fault or _title(name) in fault for fault in said), (path.name, place, said)
        path.write_bytes(content)
    assert faults(folder) == []


def _title(stem: str) -> str:
    return {f"danh-sach-{WEEK}": "01/2025", f"danh-sach-{NEXT}": "03/2025"}.get(stem, "02/2025")


def test_swapped_files_are_named(folder: Path) -> None:
    one, other = folder / f"danh-sach-{WEEK}.csv", folder / f"danh-sach-{NEXT}.csv"
    first, second = one.read_bytes(), other.read_bytes()
    one.write_bytes(second)
    other.write_bytes(first)
    assert faults(folder) == [
        f"danh-sach-{WEEK}.csv: holds what danh-sach-{NEXT}.csv should hold: files were swapped",
        f"danh-sach-{NEXT}.csv: holds what danh-sach-{WEEK}.csv should hold: files were swapped",
    ]


def test_swapped_lists_are_named(folder: Path) -> None:
    for suffix in (verify.MANIFEST, verify.SIGNATURE):
        one, other = folder / f"danh-sach-{WEEK}{suffix}", folder / f"danh-sach-{NEXT}{suffix}"
        first, second = one.read_bytes(), other.read_bytes()
        one.write_bytes(second)
        other.write_bytes(first)
    assert any("holds the manifest of 03/2025" in fault for fault in faults(folder))


def _remove(folder: Path, stem: str) -> None:
    for path in folder.glob(f"{stem}.*"):
        path.unlink()


def test_a_missing_list_is_noticed(folder: Path) -> None:
    _remove(folder, f"danh-sach-{WEEK}-sua-doi-1")
    assert faults(folder) == [
        f"1 list or amendment is missing between 01/2025 (list of {WEEK}) and 03/2025 (list of {NEXT})"
    ]


def test_lists_before_and_after_are_asked_for(folder: Path) -> None:
    _remove(folder, f"danh-sach-{WEEK}")
    found = verify.verify(folder, [])
    assert found.faults == []
    assert f"the lists before 02/2025 (amendment 1 of {WEEK}) do not lie here: they were not verified" in found.notes
    assert any("ask the publisher whether there are later ones" in note for note in found.notes)


def test_missing_and_foreign_files_are_named(folder: Path) -> None:
    (folder / f"danh-sach-{NEXT}.xlsx").unlink()
    (folder / "danh-sach-2025-W12.xlsx").write_bytes(b"forged")
    (folder / f"danh-sach-{WEEK}{verify.SIGNATURE}").unlink()
    assert faults(folder) == [
        f"danh-sach-{NEXT}.xlsx: is missing; 03/2025 (list of {NEXT}) names it",
        "danh-sach-2025-W12.xlsx: belongs to no published list that lies here",
        f"danh-sach-{WEEK}{verify.SIGNATURE}: is missing: 01/2025 (list of {WEEK}) is not shown to be the publisher's",
    ]


def _forge(folder: Path, stem: str, change: Callable[[dict[str, object]], None], key: Ed25519PrivateKey) -> None:
    """A manifest changed and signed again, with the key named in it."""
    path = folder / f"{stem}{verify.MANIFEST}"
    content = json.loads(path.read_bytes())
    content["public_key"] = key.public_key().public_bytes_raw().hex()
    change(content)
    path.write_bytes(canonical(content))
    (folder / f"{stem}{verify.SIGNATURE}").write_text(key.sign(canonical(content)).hex(), encoding="ascii")


def test_another_key_is_noticed(chain: Office, folder: Path) -> None:
    key = Ed25519PrivateKey.generate()
    digits = key.public_key().public_bytes_raw().hex()
    _forge(folder, f"danh-sach-{NEXT}", lambda content: None, key)
    wrong = f"03/2025 (list of {NEXT}): signed with another key than expected: {digits}"
    assert faults(folder) == [wrong]
    assert faults(folder, public(chain)) == [wrong]
    assert faults(folder, digits, public(chain)) == []  # a change of key that was announced


def test_a_list_put_in_the_place_of_another_breaks_the_chain(folder: Path) -> None:
    """Everything signed anew by one forger, the first list with another content."""
    key = Ed25519PrivateKey.generate()
    for stem in (f"danh-sach-{WEEK}", f"danh-sach-{WEEK}-sua-doi-1", f"danh-sach-{NEXT}"):
        _forge(folder, stem, lambda content: None, key)
    said = faults(folder)
    assert [fault.partition(":")[0] for fault in said] == [
        f"02/2025 (amendment 1 of {WEEK})",
        f"03/2025 (list of {NEXT})",
    ]
    assert all(fault.endswith("the chain is broken") for fault in said)


def test_two_at_one_place_are_noticed(folder: Path) -> None:
    for suffix in (verify.MANIFEST, verify.SIGNATURE):
        shutil.copy(folder / f"danh-sach-{WEEK}{suffix}", folder / f"x{suffix}")
    said = faults(folder)
    assert any("stand at the same place 1 of the chain" in fault for fault in said)


@pytest.mark.parametrize(
    "content",
    [b"", b"{}", b"[1]", b"\xff", b'{"format":"hanhtrinh list 2"}', b'{"format":"hanhtrinh list 1"}', b"null"],
)
def test_a_broken_manifest_is_named(folder: Path, content: bytes) -> None:
    name = f"danh-sach-{NEXT}{verify.MANIFEST}"
    (folder / name).write_bytes(content)
    assert any(fault.startswith(f"{name}: ") for fault in faults(folder))


def test_an_empty_folder_and_an_unsigned_list_are_no_proof(chain: Office, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert faults(tmp_path / "empty") == [f"{tmp_path / 'empty'}: no list lies here"]
    refused(chain.run("list", "verify", tmp_path / "none"), "cannot be read")
    for stem in (f"danh-sach-{WEEK}", f"danh-sach-{WEEK}-sua-doi-1", f"danh-sach-{NEXT}"):
        path = folder / f"{stem}{verify.MANIFEST}"
        path.write_bytes(canonical(json.loads(path.read_bytes()) | {"public_key": None}))
    assert sum("was published without a signature" in fault for fault in faults(folder)) == 3


def test_the_manifest_is_canonical_and_names_what_the_list_was_made_with(chain: Office) -> None:
    with connect(chain.url) as connection:
        stored = dict(connection.execute("SELECT week || '/' || amendment, manifest FROM list").fetchall())
    for name, stem in ((f"{WEEK}/0", f"danh-sach-{WEEK}"), (f"{WEEK}/1", f"danh-sach-{WEEK}-sua-doi-1")):
        content = (chain.lists / f"{stem}{verify.MANIFEST}").read_bytes()
        assert content == stored[name] == canonical(json.loads(content))
        told = json.loads(content)
        assert told["watermark"]["touched"] == told["watermark"]["checked"] > 0
        assert told["law_version"]
        assert told["code_version"]
        counters = () if name.endswith("/1") else (".so-dem.csv", ".so-dem.json")
        suffixes = (".csv", ".json", ".pdf", *counters, ".xlsx")
        assert [file["name"] for file in told["files"]] == [f"{stem}{suffix}" for suffix in suffixes]


def test_a_key_is_secret_and_never_overwritten(chain: Office, tmp_path: Path) -> None:
    path = chain.folder / "list.key"
    assert path.stat().st_mode & 0o777 == 0o600
    before = path.read_bytes()
    refused(chain.run("list", "key"), "exists; a key is never overwritten")
    assert path.read_bytes() == before
    loose = tmp_path / "loose.key"
    make_key(loose)
    loose.chmod(0o640)
    other = Office(chain.url, tmp_path, settings={"LIST_KEY": str(loose)})
    week = ("list", "publish", "--week", "2025-W20", "--folder", tmp_path / "lists")
    refused(other.run(*week), f"{loose}: others may read this private key: chmod 600 it")
    loose.chmod(0o600)
    loose.write_text("no key", encoding="ascii")
    refused(other.run(*week), f"{loose}: holds no Ed25519 private key")
    loose.unlink()
    refused(other.run(*week), f"{loose}: the key cannot be read: No such file or directory; see `hanhtrinh list key`")
    other.settings = {}
    refused(other.run("list", "key"), "set HANHTRINH_LIST_KEY")


# RFC 8032, section 7.1: secret key, public key, message, signature.
VECTORS = [
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
        "d25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c"
        "387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc659"
        "4a7c15e9716ed28dc027beceea1ec40a",
    ),
]


@pytest.mark.parametrize(("key", "message", "signature"), VECTORS)
def test_signatures_of_the_standard(key: str, message: str, signature: str) -> None:
    octets = bytes.fromhex(key), bytes.fromhex(message), bytes.fromhex(signature)
    assert verify.signed_by(*octets)
    assert not verify.signed_by(octets[0], octets[1] + b"x", octets[2])
    larger = int.from_bytes(octets[2][32:], "little") + verify.ORDER  # the same number modulo the order: refused
    assert not verify.signed_by(octets[0], octets[1], octets[2][:32] + larger.to_bytes(32, "little"))


@given(seed=st.binary(min_size=32, max_size=32), message=st.binary(max_size=100), place=st.integers(0, 511))
def test_signatures_of_the_library(seed: bytes, message: bytes, place: int) -> None:
    key = Ed25519PrivateKey.from_private_bytes(seed)
    public_key, signature = key.public_key().public_bytes_raw(), key.sign(message)
    assert verify.signed_by(public_key, message, signature)
    changed = bytearray(signature)
    changed[place // 8] ^= 1 << place % 8
    assert not verify.signed_by(public_key, message, bytes(changed))


@pytest.mark.parametrize(("key", "signature"), [(b"", b""), (b"\xff" * 32, bytes(64)), (bytes(32), b"\xff" * 64)])
def test_what_is_no_signature_is_none(key: bytes, signature: bytes) -> None:
    assert not verify.signed_by(key, b"", signature)
