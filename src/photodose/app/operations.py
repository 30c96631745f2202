"""What the command line does with the stored data; each returns the sentence to print."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from photodose.app.serve import open_data
from photodose.quantities import InputError, UnknownNameError

FORMATS = ("json", "fhir", "csv", "pdf")


def backup(file: Path, data_dir: Path | None, key: Path | None) -> str:
    """Write an encrypted, tested backup; with `key`, also the key that opens it (mode 0600)."""
    open_data(data_dir)
    from django.conf import settings

    from photodose.app.config import write_private
    from photodose.app.exports.backup import make_backup

    record = make_backup(file.expanduser().absolute())
    if key is not None:
        write_private(key.expanduser().absolute(), (settings.DATA_DIR / "backup-key.txt").read_bytes())
    return f"{record.rows} records in {file}, {record.size_bytes} bytes; restored for a test: the same."


def restore(file: Path, data_dir: Path | None, key: Path | None, *, replace: bool) -> str:
    """Put a backup in place of what is stored."""
    open_data(data_dir)
    from photodose.app.exports.backup import restore_backup

    return f"{restore_backup(file, key, replace=replace)} records restored."


def account(name: str | None) -> Any:
    """The account of that name, or the only one there is."""
    from photodose.app.accounts import implicit_owner
    from photodose.app.models import User

    users = list(User.objects.order_by("pk")) or [implicit_owner()]
    if name is None and len(users) == 1:
        return users[0]
    for user in users:
        if user is not None and user.username == name:
            return user
    names = [user.username for user in users if user is not None]
    if name is None:
        raise InputError(f"There are several accounts; choose one with --user: {', '.join(names[:5])}.")
    raise UnknownNameError("account", name, names[:5])


def one_person(user: Any, name: str | None) -> Any:
    """The person of that name or id, or the only one of the account."""
    from photodose.app.models import Person
    from photodose.app.people import first_person

    first_person(user)
    people = list(Person.objects.filter(owner=user))
    found = people if name is None else [p for p in people if name in (p.name, str(p.pk))]
    if len(found) == 1:
        return found[0]
    if name is None:
        raise InputError("This account has several people; choose one with --person.")
    raise UnknownNameError("person", name, [p.name or str(p.pk) for p in people][:5])


def export(file: Path, form: str, data_dir: Path | None, user: str | None, person: str | None) -> str:
    """Write everything (json) or the log of one person (fhir, csv, pdf) to a file that its owner alone can read."""
    open_data(data_dir)
    from photodose.app.config import write_private
    from photodose.app.exports import fhir, pdf, records, table

    owner = account(user)
    if form == "json":
        content = records.to_bytes(records.export_account(owner))
    else:
        who = one_person(owner, person)
        make = {"fhir": lambda p: records.to_bytes(fhir.to_bundle(p)), "csv": table.to_csv, "pdf": pdf.log_pdf}[form]
        content = make(who)
    try:
        write_private(file.expanduser().absolute(), content)
    except OSError as problem:
        raise InputError(f"{file} cannot be written: {problem.strerror}.") from problem
    return f"{len(content)} bytes in {file}."


def import_(file: Path, data_dir: Path | None, user: str | None) -> str:
    """Read an export back."""
    if not file.is_file():
        raise InputError(f"There is no file {file}.")
    open_data(data_dir)
    from photodose.app.exports.records import import_account

    counts = import_account(account(user), file.read_bytes())
    return f"{counts.added} records added, {counts.kept} were there already."


def reset(name: str, data_dir: Path | None) -> str:
    """The address, below the server's own, at which an account's password is set anew."""
    open_data(data_dir)
    from photodose.app.accounts import reset_user

    return reset_user(name)
