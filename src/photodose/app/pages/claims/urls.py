from django.urls import path

from photodose.app.pages.claims import views

urlpatterns = [path("", views.index, name="index")]
