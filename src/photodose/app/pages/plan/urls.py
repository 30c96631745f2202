from django.urls import path

from photodose.app.pages.plan import views

urlpatterns = [
    path("", views.index, name="index"),
    path("start/", views.start, name="start"),
    path("plan.pdf", views.pdf, name="pdf"),
    path("routine.ics", views.calendar, name="calendar"),
]
