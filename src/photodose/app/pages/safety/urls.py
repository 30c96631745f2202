from django.urls import path

from photodose.app.pages.safety import views

urlpatterns = [path("", views.index, name="index"), path("<str:device>/", views.device, name="device")]
