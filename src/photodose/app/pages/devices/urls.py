from django.urls import path

from photodose.app.pages.devices import views

urlpatterns = [
    path("", views.index, name="index"),
    path("add/", views.add, name="add"),
    path("<uuid:device_id>/retire/", views.retire, name="retire"),
]
