"""The people of an account."""

from __future__ import annotations

from django.db import transaction
from django.http import HttpRequest

from photodose.app.models import Person, User


def first_person(user: User) -> Person:
    """The account's first person, made if there is none; two requests at once make one."""
    person = Person.objects.filter(owner=user).first()
    if person is None:
        with transaction.atomic():
            User.objects.select_for_update().get(pk=user.pk)
            person = Person.objects.filter(owner=user).first() or Person.objects.create(owner=user)
    return person


def own_person(request: HttpRequest) -> Person:
    """The person to keep something for: who is chosen, or a new one in place of the demonstration."""
    person: Person = request.person
    if person.demonstration:
        person = Person.objects.create(owner=person.owner, timezone=person.timezone)
        request.session["person"] = str(person.pk)
        request.person = person
    return person
