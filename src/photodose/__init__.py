"""photodose: what a red light device delivers at depth, in your skin, and what to do with it."""

from __future__ import annotations

__version__ = "0.1.0"
