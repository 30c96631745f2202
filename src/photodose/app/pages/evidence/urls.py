from django.urls import path

from photodose.app.pages.evidence import views

urlpatterns = [path("", views.index, name="index"), path("<slug:goal>/", views.one, name="one")]
