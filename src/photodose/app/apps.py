"""The Django app that holds photodose's models."""

from __future__ import annotations

from django.apps import AppConfig


class PhotodoseConfig(AppConfig):
    name = "photodose.app"
    label = "photodose_app"
    verbose_name = "photodose"

    def ready(self) -> None:
        from photodose.app import signals  # noqa: F401
