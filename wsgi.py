"""What a WSGI server loads: `gunicorn wsgi:app`, `flask --app wsgi run`."""

import sys

from app import create_app
from app.languages import LanguageError
from app.settings import SettingsError
from model.command import CommandError

try:
    app = create_app()
except (SettingsError, CommandError, LanguageError) as error:
    sys.exit(f"imagesearch cannot start. {error}")
