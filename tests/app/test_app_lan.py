"""HTTPS at home: what a phone checks of the certificate, checked by OpenSSL itself over a real connection."""

from __future__ import annotations

import ipaddress
import socket
import ssl
import threading
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509

from photodose.app import lan

HOSTS = ["localhost", "127.0.0.1", "box.local", "box", "192.168.1.20", "fd00::20"]


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "tls"


def handshake(files: lan.TlsFiles, name: str) -> bool:
    """True if a client that trusts the authority alone accepts the server under this name."""
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(files.certificate, files.key)
    client = ssl.create_default_context(cafile=str(files.authority))
    client.verify_flags |= ssl.VERIFY_X509_STRICT
    left, right = socket.socketpair()

    def answer() -> None:
        try:
            with server.wrap_socket(left, server_side=True) as end:
                end.recv(1)
        except (ssl.SSLError, OSError):
            left.close()

    thread = threading.Thread(target=answer)
    thread.start()
    try:
        with client.wrap_socket(right, server_hostname=name) as end:
            end.send(b"x")
        return True
    except ssl.SSLCertVerificationError:
        return False
    finally:
        right.close()
        thread.join()


def test_the_certificate_holds_for_its_hosts_and_no_other(folder):
    files = lan.ensure_certificate(folder, HOSTS)
    for host in HOSTS:
        assert handshake(files, host), host
    assert not handshake(files, "other.local")
    assert not handshake(files, "192.168.1.21")


def test_the_authority_cannot_vouch_for_a_site_of_the_internet(folder):
    """Even if the authority's key is stolen: its certificate permits home names and private addresses alone."""
    lan.ensure_certificate(folder, HOSTS)
    stolen = lan.TlsFiles(folder / "evil.pem", folder / "evil.key", folder / "authority.pem")
    for name in ("bank.example.com", "8.8.8.8"):
        lan.make_server_certificate(stolen, folder / "authority.key", [name], datetime.now(UTC))
        assert not handshake(stolen, name), name


def test_files_are_private_and_stay_until_they_must_change(folder):
    files = lan.ensure_certificate(folder, HOSTS)
    for path in (files.key, folder / "authority.key"):
        assert path.stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o777 == 0o700
    root, leaf = files.authority.read_bytes(), files.certificate.read_bytes()
    lan.ensure_certificate(folder, HOSTS)
    assert files.certificate.read_bytes() == leaf
    lan.ensure_certificate(folder, [*HOSTS, "192.168.1.30"])
    assert files.certificate.read_bytes() != leaf, "a new address needs a new certificate"
    assert files.authority.read_bytes() == root, "but phones need not be told"
    later = datetime.now(UTC) + timedelta(days=lan.SERVER_DAYS - lan.RENEW_DAYS + 1)
    leaf = files.certificate.read_bytes()
    lan.ensure_certificate(folder, [*HOSTS, "192.168.1.30"], now=later)
    assert files.certificate.read_bytes() != leaf, "it is renewed before it ends"
    assert files.authority.read_bytes() == root


def test_what_phones_ask_of_a_certificate(folder):
    files = lan.ensure_certificate(folder, HOSTS)
    leaf = lan.read(files.certificate)
    assert leaf.not_valid_after_utc - leaf.not_valid_before_utc <= timedelta(days=398)
    usage = leaf.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert x509.oid.ExtendedKeyUsageOID.SERVER_AUTH in usage
    root = lan.read(files.authority)
    assert root.extensions.get_extension_for_class(x509.NameConstraints).critical
    assert lan.fingerprint(files.authority).count(":") == 31


def test_this_computers_hosts():
    hosts = lan.lan_hosts()
    assert "localhost" in hosts
    assert any(h.endswith(".local") for h in hosts)
    assert lan.url_host("fd00::1") == "[fd00::1]"
    assert lan.url_host("192.168.1.2") == "192.168.1.2"


@pytest.mark.parametrize(
    ("address", "home"),
    [
        ("192.168.1.5", True), ("10.9.8.7", True), ("172.20.0.1", True), ("169.254.3.4", True), ("127.0.0.1", True),
        ("100.100.3.4", True), ("fd00::1", True), ("fe80::1%eth0", True), ("::1", True), ("::ffff:192.168.1.2", True),
        ("2001:db8:1:2::5", True), ("2001:db8:1:3::5", False), ("8.8.8.8", False), ("172.32.0.1", False),
        ("::ffff:8.8.8.8", False), ("", False), ("nonsense", False), ("203.0.113.77", True), ("203.0.114.77", False),
    ],
)  # fmt: skip
def test_what_is_the_home_network(address, home):
    assert lan.is_home(address, ("localhost", "[::1]", "box.local", "[2001:db8:1:2::9]", "203.0.113.2")) is home


@pytest.mark.django_db
def test_the_install_page(client, settings, folder):
    from photodose.app.config import ServerConfig

    assert client.get("/install/").status_code == 404, "not on loopback"
    settings.DATA_DIR = folder.parent
    settings.SERVER = ServerConfig(folder.parent, "lan", 8000, tuple(settings.ALLOWED_HOSTS))
    files = lan.ensure_certificate(folder, HOSTS)
    page = client.get("/install/")
    assert lan.fingerprint(files.authority).encode() in page.content
    assert b"<svg" in page.content
    sent = client.get("/install/authority.crt")
    assert x509.load_pem_x509_certificate(sent.content) == lan.read(files.authority)
    assert b"PRIVATE" not in sent.content
    assert ipaddress.ip_network(lan.PRIVATE_NETWORKS[0]).is_private
