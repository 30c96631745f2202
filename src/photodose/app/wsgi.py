"""The WSGI application that granian serves, and what runs beside it: the task worker and the watch on the parent."""

from __future__ import annotations

import os

from photodose.app import background

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "photodose.app.settings")

from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()

if os.environ.get("PHOTODOSE_WORKER") == "1":
    background.start()
