from django.urls import path

from photodose.app.pages.dose import views

urlpatterns = [path("", views.index, name="index"), path("picture.json", views.picture_at, name="picture")]
