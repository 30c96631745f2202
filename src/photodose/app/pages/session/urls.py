from django.urls import path

from photodose.app.pages.session import views

urlpatterns = [path("", views.player, name="player")]
