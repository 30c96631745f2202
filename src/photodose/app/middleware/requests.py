"""One log line and three metrics a request; by route, never by path, for a path can hold an id or a token."""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Callable

from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse

from photodose.app import metrics

logger = logging.getLogger("photodose.requests")


class RequestLogMiddleware:
    """Log and count each request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        request.id = secrets.token_hex(6)
        response = self.get_response(request)
        seconds = time.perf_counter() - began
        match = request.resolver_match
        route = "/" + match.route if match else "static" if request.path_info.startswith("/static/") else "none"
        metrics.observe(request.method or "", route, response.status_code, seconds)
        if route != "static":
            level = logging.ERROR if response.status_code >= 500 else logging.INFO
            logger.log(
                level,
                "request",
                extra={
                    "request_id": request.id,
                    "method": request.method,
                    "route": route,
                    "status": response.status_code,
                    "milliseconds": round(seconds * 1000, 1),
                },
            )
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> None:
        if isinstance(exception, Http404 | PermissionDenied | SuspiciousOperation):
            return  # an answer, not a failure
        logger.error(
            "unhandled",
            exc_info=(type(exception), exception, exception.__traceback__),
            extra={"request_id": getattr(request, "id", "")},
        )
