from django.urls import path

from photodose.app.pages.yours import views

urlpatterns = [
    path("", views.index, name="index"),
    path("person/", views.person, name="person"),
    path("people/add/", views.add_person, name="add-person"),
    path("people/choose/", views.choose_person, name="choose-person"),
    path("export.json", views.export_json, name="export-json"),
    path("export.csv", views.export_csv, name="export-csv"),
    path("export.pdf", views.export_pdf, name="export-pdf"),
    path("export.fhir.json", views.export_fhir, name="export-fhir"),
    path("calendar.ics", views.export_ics, name="export-ics"),
    path("calendar/new/", views.new_feed, name="new-feed"),
    path("calendar/revoke/", views.revoke_feed, name="revoke-feed"),
    path("import/", views.import_file, name="import"),
    path("erase/", views.erase, name="erase"),
    path("backup/", views.backup, name="backup"),
    path("backup/key/", views.backup_key, name="backup-key"),
]
