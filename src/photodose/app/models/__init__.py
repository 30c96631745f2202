"""What is stored: people, devices, plans, sessions with their events, reactions, scores, the server's own records."""

from photodose.app.models.people import OwnedDevice, Person, User
from photodose.app.models.plans import CalendarFeed, Plan
from photodose.app.models.sessions import DeletedSession, OutcomeScore, Reaction, Session, SessionEvent, SessionZone
from photodose.app.models.system import AuditEntry, BackupRecord

__all__ = [
    "AuditEntry",
    "BackupRecord",
    "CalendarFeed",
    "DeletedSession",
    "OutcomeScore",
    "OwnedDevice",
    "Person",
    "Plan",
    "Reaction",
    "Session",
    "SessionEvent",
    "SessionZone",
    "User",
]
