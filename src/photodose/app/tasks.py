"""What takes long or recurs, run by the worker beside the server."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import timezone
from django_tasks import task

from photodose.app import metrics

BACKUP_EVERY = timedelta(days=1)


@task()
def daily_backup() -> str:
    """Make a backup, test it, and ask for the next one tomorrow."""
    from photodose.app.exports.backup import scheduled_backup

    try:
        record = scheduled_backup()
    finally:
        plan_backup(timezone.now() + BACKUP_EVERY)
    metrics.LAST_BACKUP.set(record.made_at.timestamp())
    return record.file_name


@task()
def backup_now() -> str:
    """Make one backup more, asked for on the page."""
    from photodose.app.exports.backup import scheduled_backup

    record = scheduled_backup()
    metrics.LAST_BACKUP.set(record.made_at.timestamp())
    return record.file_name


def plan_backup(when: datetime) -> None:
    """Put the daily backup into the queue for `when`."""
    daily_backup.using(run_after=when).enqueue()


def ensure_backup_is_planned() -> None:
    """Exactly one daily backup waits in the queue: now, if the last good one is older than a day."""
    from django_tasks import TaskResultStatus
    from django_tasks_db.models import DBTaskResult

    from photodose.app.models import BackupRecord

    waiting = DBTaskResult.objects.filter(task_path=daily_backup.module_path)
    # one that was running when the server was killed will not end by itself
    waiting.filter(Q(status=TaskResultStatus.RUNNING)).update(
        status=TaskResultStatus.FAILED, finished_at=timezone.now()
    )
    if waiting.filter(status=TaskResultStatus.READY).exists():
        return
    last = BackupRecord.objects.filter(restored_the_same=True).first()
    plan_backup(last.made_at + BACKUP_EVERY if last else timezone.now() + timedelta(minutes=5))
