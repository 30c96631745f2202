from django.urls import path

from photodose.app.pages.compare import views

urlpatterns = [path("", views.index, name="index"), path("side/", views.side, name="side")]
