from django.urls import path

from partialdates.views import read

app_name = "partialdates"
urlpatterns = [path("read/", read, name="read")]
