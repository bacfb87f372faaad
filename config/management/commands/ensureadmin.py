import secrets
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Makes the first account that may do everything, when there is none, and prints its password once."

    def handle(self, *_args: Any, **_options: Any) -> None:
        users = get_user_model().objects
        if users.filter(is_superuser=True).exists():
            return
        name = "admin" if not users.filter(username="admin").exists() else f"admin-{secrets.token_hex(2)}"
        password = secrets.token_urlsafe(12)
        users.create_superuser(username=name, password=password)
        self.stdout.write(f"Made the first account: user {name}, password {password}")
        self.stdout.write("(shown this once; change it at /admin/password_change/)")
