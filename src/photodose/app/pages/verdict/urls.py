from django.urls import path

from photodose.app.pages.verdict import views

urlpatterns = [path("", views.index, name="index"), path("clinician.pdf", views.clinician, name="clinician")]
