"""Settings of a Readout site, all from the environment; the defaults are safe for production on 127.0.0.1.

The variables are listed in README.md. There is one settings module: tests and the served site run on the same.
"""

import os
from pathlib import Path

from csp.constants import NONE, SELF
from whitenoise.compress import Compressor

from config.environment import data_directory, secret_key
from config.mail import mail_settings
from config.postgres import database_settings

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = data_directory()

DEBUG = os.environ.get("DEBUG", "").lower() in {"1", "true", "yes", "on"}
SECRET_KEY = secret_key()
# Where the site is for those whom no request tells: readers of letters, and ids of feeds, which stay for ever.
SITE_URL = os.environ.get("SITE_URL") or f"http://127.0.0.1:{os.environ.get('PORT') or 8000}"
ALLOWED_HOSTS = os.environ.get("ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]").split(",")

INSTALLED_APPS = [
    "records",  # before the admin, whose frame it replaces
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "pgtrigger",
    "pghistory",
    "tree_queries",
    "django_filters",
    "django_htmx",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "axes",
    "csp",
    "partialdates",
    "actors",
    "events",
    "exchange",
    "readers",
    "config",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "records.api.manners.CrossOriginMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    # Lengths are padded at random and tokens of forms masked anew each time, so that a length gives nothing away.
    "django.middleware.gzip.GZipMiddleware",
    "records.api.compression.BrotliMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "records.middleware.RefusedMethodMiddleware",
    "records.middleware.HistoryMiddleware",
    "records.middleware.TimeLimitMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

FORM_RENDERER = "records.admin.rendering.FormRenderer"

DATABASES = {"default": database_settings()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# In the database, so that every worker knows what another one keeps.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "readout_cache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}

AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "admin:login"

# A lock-out names the pair of user and address, so that nobody can shut an editor out from elsewhere.
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = 0.25  # hours
AXES_VERBOSE = False
AXES_CLIENT_IP_CALLABLE = "records.callers.address_of"

# A second person looks at every record before readers see it; a site of one person has none.
READOUT_SELF_REVIEW = os.environ.get("READOUT_SELF_REVIEW", "").lower() in {"1", "true", "yes", "on"}

# An address of mail or of a page, told at /.well-known/security.txt; without one there is no such file.
SECURITY_CONTACT = os.environ.get("SECURITY_CONTACT", "")
# By which licence what editors wrote may be used; every file that is taken away says so.
DATA_LICENCE = os.environ.get("DATA_LICENCE", "")

# A working day: whoever leaves a screen open in an archive is logged out by the next morning.
SESSION_COOKIE_AGE = 12 * 60 * 60
# A meeting of fifty participants with sixty citations sends 1,400 fields; Django would refuse more than a thousand.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000

LANGUAGE_CODE = "en"
# A language is offered once it is translated: dates in German on an English page serve nobody.
LANGUAGES = [("en", "English")]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"
#: Where what lists are counted by is kept for the next start; see `records.facets.kept`.
COUNTED_DIR = DATA_DIR / "counted"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# Only names that change with their content are served, and what a debugger reads is not worth a minute of compressing.
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = (*Compressor.SKIP_COMPRESS_EXTENSIONS, "map")

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],  # Django's admin stylesheet draws its icons from data addresses
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"

# HTTPS=on is for a site behind a proxy that ends TLS; on 127.0.0.1 secure cookies would lock everyone out.
HTTPS = os.environ.get("HTTPS", "").lower() in {"1", "true", "yes", "on"}
SECURE_SSL_REDIRECT = HTTPS
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
# How many proxies of our own stand before the site: only what they add to X-Forwarded-For is believed.
PROXIES = max(int(os.environ.get("PROXIES") or HTTPS), 0)
CSRF_TRUSTED_ORIGINS = [origin for origin in os.environ.get("CSRF_TRUSTED_ORIGINS", "").split(",") if origin]

# For each address, for each token, and what each token writes: far above what a careful program asks; 0 for no limit.
API_REQUESTS_PER_MINUTE = int(os.environ.get("API_REQUESTS_PER_MINUTE") or 600)
API_TOKEN_REQUESTS_PER_MINUTE = int(os.environ.get("API_TOKEN_REQUESTS_PER_MINUTE") or 3_000)
API_WRITES_PER_MINUTE = int(os.environ.get("API_WRITES_PER_MINUTE") or 600)
# For each address: feeds and calendars, which one service may read for many people, and files that are taken away.
FEED_REQUESTS_PER_MINUTE = int(os.environ.get("FEED_REQUESTS_PER_MINUTE") or 600)
FILE_REQUESTS_PER_MINUTE = int(os.environ.get("FILE_REQUESTS_PER_MINUTE") or 120)

# Webhooks call https addresses of the public internet alone; a machine of one's own may be called to try them there.
WEBHOOKS_ANYWHERE = os.environ.get("WEBHOOKS_ANYWHERE", "").lower() in {"1", "true", "yes", "on"}

REST_FRAMEWORK = {
    # Reading needs no account, and an answer that depends on no cookie can be cached for everyone. Sessions stay out:
    # no page of another site can then act for whoever is logged in.
    "DEFAULT_AUTHENTICATION_CLASSES": ["readers.authentication.TokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.AllowAny"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "records.api.negotiation.Negotiation",
    "DEFAULT_RENDERER_CLASSES": ["records.api.rendering.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "records.api.schema.ApiSchema",
    "DEFAULT_THROTTLE_CLASSES": ["records.api.throttling.Throttle"],
    "EXCEPTION_HANDLER": "records.api.problems.handle_exception",
}

SPECTACULAR_SETTINGS = {
    "TITLE": "Readout API",
    "DESCRIPTION": (
        "Who met whom, where, in which capacity, about what, who said what about it, and which source says so. "
        "Everything public can be read here, by the same filters as on the pages. "
        "Reading needs no account. Errors are problem documents (RFC 9457)."
    ),
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "COMPONENT_SPLIT_REQUEST": False,
    "SORT_OPERATIONS": False,
    "SORT_OPERATION_PARAMETERS": False,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "records.api.schema.let_filters_be_empty",
        "records.api.writing.schema.name_documents",
        "records.api.sharing.share",
    ],
    "SWAGGER_UI_DIST": "SIDECAR",
    "ENUM_NAME_OVERRIDES": {
        "ActorKind": "actors.models.ActorKind",
        "NameKind": "actors.models.NameKind",
        "Tier": "actors.models.Tier",
        "MeetingKind": "events.models.MeetingKind",
        "Mode": "events.models.Mode",
        "MeetingStatus": "events.models.MeetingStatus",
        "Openness": "events.models.Openness",
        "DateBasis": "events.models.DateBasis",
        "Relevance": "events.models.Relevance",
        "ParticipationRole": "events.models.ParticipationRole",
        "ParticipationAttendance": "events.models.ParticipationAttendance",
        "StatementKind": "events.models.StatementKind",
        "Basis": "events.models.Basis",
        "Stance": "events.models.Stance",
        "SpeakerRole": "events.models.SpeakerRole",
        "MentionRelation": "events.models.MentionRelation",
        "LinkRelation": "events.models.LinkRelation",
        "TopicLabelKind": "events.models.TopicLabelKind",
        "PlaceKind": "events.models.PlaceKind",
        "SourceKind": "events.models.SourceKind",
        "CitationVerdict": "events.models.CitationVerdict",
        "Confidence": "events.models.Confidence",
    },
}

# Rows are append-only: history that can be edited is no history.
PGHISTORY_APPEND_ONLY = True
# Only what writes has a history to sign; reading leaves the session alone, so that public answers can be cached.
PGHISTORY_MIDDLEWARE_METHODS = ("POST", "PUT", "PATCH", "DELETE")

# The letters of readers: on the console until a mail server is named.
globals().update(mail_settings(os.environ.get("EMAIL_URL", "")))
DEFAULT_FROM_EMAIL = os.environ.get("EMAIL_FROM") or "readout@localhost"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
}
