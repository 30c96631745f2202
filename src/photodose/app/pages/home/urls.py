from django.urls import path

from photodose.app.pages.home import views

urlpatterns = [path("", views.index, name="index")]
