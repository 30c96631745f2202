"""Threads beside the web server: the task worker, the watch that ends this process when its parent is gone, and what
is done before somebody waits for it."""

from __future__ import annotations

import logging
import os
import threading
import time

logger = logging.getLogger("photodose.background")


def start() -> None:
    """Start the threads; they end with the process."""
    threading.Thread(target=watch_parent, args=(os.getppid(),), name="watch-parent", daemon=True).start()
    threading.Thread(target=work, name="tasks", daemon=True).start()
    threading.Thread(target=foresee, name="foresee", daemon=True).start()


def foresee() -> None:
    """Load what the first visitors need, then compute what an open page will ask for."""
    from photodose.app.pages.dose.ahead import ahead
    from photodose.app.warm import warm

    warm()
    ahead.run()


def watch_parent(parent: int) -> None:
    """End this process within a second after `parent` (the process that started it) is gone: nobody would stop it."""
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)


def work() -> None:
    """Run tasks for ever; a failure of the database makes it wait and go on."""
    from django.db import close_old_connections
    from django_tasks_db.management.commands.db_worker import Worker

    from photodose.app.tasks import ensure_backup_is_planned

    while True:
        try:
            ensure_backup_is_planned()
            Worker(
                queue_names=["default"],
                interval=5.0,
                batch=False,
                backend_name="default",
                startup_delay=True,
                max_tasks=None,
                worker_id=f"beside-{os.getpid()}",
                excluded_queue_names=[],
            ).run()
        except Exception:
            logger.exception("the task worker failed; it starts again in 30 s")
        close_old_connections()
        time.sleep(30)
