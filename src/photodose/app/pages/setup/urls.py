from django.urls import path

from photodose.app.pages.setup import views

urlpatterns = [
    path("", views.index, name="index"),
    path("devices/", views.found_devices, name="devices"),
    path("forget/", views.forget, name="forget"),
]
