"""A Milvus that speaks TLS and wants a password, from the command line and from the server."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.milvus.server import TOKEN, Milvus
from tests.app.test_server import Server

# Where gRPC looks for the certificates that it trusts.
_TRUSTED = "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH"


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    path = tmp_path / "server.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1"]
    subject = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    files = ["-keyout", str(path.with_suffix(".key")), "-out", str(path)]
    subprocess.run([*command, *subject, *files], check=True, capture_output=True)
    return path


@pytest.fixture
def secured(tmp_path: Path, certificate: Path) -> Milvus:
    (tmp_path / "milvus").mkdir()
    return Milvus(tmp_path / "milvus", certificate)


def test_a_password_over_tls(
    secured: Milvus,
    certificate: Path,
    told_bundle: Path,
    photo: bytes,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(_TRUSTED, str(certificate))
    secured.start()
    try:
        address = secured.collection("told")
        assert address.startswith("milvus+tls://")
        command = [sys.executable, "-m", "model", "move", "--to", address, "--bundle"]
        refused = subprocess.run(
            [*command, str(told_bundle)], capture_output=True, text=True, check=False
        )
        assert refused.returncode == 1
        assert "IMAGESEARCH_INDEX_TOKEN" in refused.stderr
        assert "Traceback" not in refused.stderr
        known = os.environ | {"IMAGESEARCH_INDEX_TOKEN": TOKEN}
        subprocess.run([*command, str(told_bundle)], check=True, env=known)

        server = Server(told_bundle, INDEX=address, INDEX_TOKEN=TOKEN)
        try:
            status, found = server.ask("POST", "/api/v1/search", photo)
            assert status == 200
            assert json.loads(found)["matches"]
        finally:
            server.process.terminate()
            _, errors = server.process.communicate(timeout=40)
        assert TOKEN not in errors
    finally:
        secured.stop()
