"""HTTPS on a home network: a certificate of this server's own local authority, and how a phone comes to trust it."""

from __future__ import annotations

import contextlib
import ipaddress
import socket
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from photodose.app.config import write_private

AUTHORITY_DAYS = 3650
SERVER_DAYS = 390
"""Phones refuse a server certificate that is valid for more than 398 days."""
RENEW_DAYS = 30
PRIVATE_NETWORKS = (
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "169.254.0.0/16",
    "127.0.0.0/8",
    "fc00::/7",
    "fe80::/10",
)
SHARED_NETWORKS = ("100.64.0.0/10",)
"""Tailscale gives its devices addresses of this range (RFC 6598)."""
PRIVATE_DOMAINS = ("local", "lan", "home", "home.arpa", "internal", "localhost")


@dataclass(frozen=True)
class TlsFiles:
    """Where certificate and key lie, and the authority that a phone has to trust (None with an own certificate)."""

    certificate: Path
    key: Path
    authority: Path | None = None


def lan_hosts() -> list[str]:
    """The names and addresses by which this computer can be reached on the home network."""
    name = socket.gethostname().split(".")[0].lower()
    hosts = ["localhost", "127.0.0.1", f"{name}.local", name]
    for target in (
        "192.0.2.1",
        "2001:db8::1",
    ):  # documentation addresses: nothing is sent, the route alone is asked for
        family = socket.AF_INET6 if ":" in target else socket.AF_INET
        try:
            with socket.socket(family, socket.SOCK_DGRAM) as probe:
                probe.connect((target, 9))
                hosts.append(probe.getsockname()[0])
        except OSError:
            continue
    return list(dict.fromkeys(hosts))


def is_home(address: str, hosts: tuple[str, ...] = ()) -> bool:
    """True for an address of a home network: private, link-local, or beside one of this computer's own addresses.

    Parameters
    ----------
    address : str
        Of the client.
    hosts : tuple of str
        Names and addresses of this computer.
    """
    try:
        client = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(client, ipaddress.IPv6Address) and client.ipv4_mapped is not None:
        client = client.ipv4_mapped
    known = [ipaddress.ip_network(network) for network in (*PRIVATE_NETWORKS, *SHARED_NETWORKS, "::1/128")]
    for host in hosts:  # where a house has public addresses, its phones share the first half (IPv6) or three quarters
        with contextlib.suppress(ValueError):
            own = ipaddress.ip_address(host.strip("[]"))
            if not own.is_loopback:
                known.append(ipaddress.ip_network(f"{own}/{64 if own.version == 6 else 24}", strict=False))
    return any(client in network for network in known if network.version == client.version)


def url_host(host: str) -> str:
    """The host as it stands in a URL: an IPv6 address in brackets."""
    return f"[{host}]" if ":" in host else host


def ensure_certificate(folder: Path, hosts: list[str], now: datetime | None = None) -> TlsFiles:
    """A server certificate for `hosts`, signed by the local authority in `folder`; both made or renewed as needed."""
    now = now or datetime.now(UTC)
    folder.mkdir(mode=0o700, exist_ok=True)
    files = TlsFiles(folder / "server.pem", folder / "server.key", folder / "authority.pem")
    authority_key = folder / "authority.key"
    assert files.authority is not None
    if not authority_key.exists() or not files.authority.exists() or expires_soon(files.authority, now, 400):
        make_authority(files.authority, authority_key, hosts, now)
        files.certificate.unlink(missing_ok=True)
    if (
        not files.certificate.exists()
        or expires_soon(files.certificate, now, RENEW_DAYS)
        or names_of(files.certificate) != set(hosts)
    ):
        make_server_certificate(files, authority_key, hosts, now)
    return files


def read(path: Path) -> x509.Certificate:
    """The first certificate of a PEM file."""
    return x509.load_pem_x509_certificate(path.read_bytes())


def expires_soon(path: Path, now: datetime, days: int) -> bool:
    """True if a certificate ends within so many days."""
    return read(path).not_valid_after_utc - now < timedelta(days=days)


def names_of(path: Path) -> set[str]:
    """The names and addresses a certificate is for."""
    names = read(path).extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return {str(name.value) for name in names}


def general_name(host: str) -> x509.GeneralName:
    """The host as a certificate knows it."""
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def private_bytes(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def make_authority(path: Path, key_path: Path, hosts: list[str], now: datetime) -> None:
    """A root that may sign for private addresses and home names alone: trusting it gives no power over the Internet."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"photodose home authority {now:%Y-%m-%d}")])
    networks = [x509.IPAddress(ipaddress.ip_network(network)) for network in PRIVATE_NETWORKS]
    for host in hosts:  # an address of this computer that is not private (some IPv6 networks) is added by itself
        try:
            address = ipaddress.ip_address(host)
        except ValueError:
            continue
        known = [ipaddress.ip_network(network) for network in PRIVATE_NETWORKS]
        if not any(address in network for network in known if network.version == address.version):
            networks.append(x509.IPAddress(ipaddress.ip_network(host)))
    own_names = [h for h in hosts if "." not in h and ":" not in h]
    domains = [x509.DNSName(domain) for domain in dict.fromkeys((*PRIVATE_DOMAINS, *own_names))]
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=AUTHORITY_DAYS))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(key_usage(signs_certificates=True), critical=True)
        .add_extension(x509.NameConstraints([*domains, *networks], None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    write_private(key_path, private_bytes(key))
    write_private(path, certificate.public_bytes(serialization.Encoding.PEM))


def make_server_certificate(files: TlsFiles, authority_key: Path, hosts: list[str], now: datetime) -> None:
    """The server's own certificate, with the authority's beside it."""
    assert files.authority is not None
    root = read(files.authority)
    signer = serialization.load_pem_private_key(authority_key.read_bytes(), None)
    assert isinstance(signer, ec.EllipticCurvePrivateKey)
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "photodose")]))
        .issuer_name(root.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=SERVER_DAYS))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(key_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName([general_name(host) for host in hosts]), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()),
            critical=False,
        )
        .sign(signer, hashes.SHA256())
    )
    write_private(files.key, private_bytes(key))
    write_private(
        files.certificate, certificate.public_bytes(serialization.Encoding.PEM) + files.authority.read_bytes()
    )


def key_usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def fingerprint(path: Path) -> str:
    """The SHA-256 fingerprint of a certificate, as phones show it."""
    digest = read(path).fingerprint(hashes.SHA256()).hex().upper()
    return ":".join(digest[i : i + 2] for i in range(0, len(digest), 2))
