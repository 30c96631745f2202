from django.urls import path

from photodose.app.pages.log import views

urlpatterns = [
    path("", views.index, name="index"),
    path("add/", views.add, name="add"),
    path("<uuid:session_id>/", views.one, name="one"),
    path("<uuid:session_id>/reaction/", views.react, name="react"),
    path("<uuid:session_id>/delete/", views.delete, name="delete"),
    path("reaction/<uuid:reaction_id>/over/", views.over, name="over"),
]
