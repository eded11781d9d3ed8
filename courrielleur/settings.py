"""Settings: one file, read from the environment; a bad value is refused at start, by name.

Every variable is described in docs/settings.md. Nothing is needed on a machine that tries the product:
the installation's secret is then made once and kept in var/secret.
"""

import os
from pathlib import Path

import environ
from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from courrielleur import database, environment, vault
from courrielleur.settings_consent import *  # noqa: F403 - its __all__ names what is set there
from courrielleur.settings_evidence import *  # noqa: F403 - its __all__ names what is set there
from courrielleur.settings_mtas import *  # noqa: F403 - its __all__ names what is set there
from courrielleur.settings_people import *  # noqa: F403 - its __all__ names what is set there

BASE_DIR = Path(__file__).resolve().parent.parent
VERSION = "0.1.0"

env = environ.Env()
env.prefix = "COURRIELLEUR_"

VAR_DIR = Path(env.str("VAR_DIR", default=str(BASE_DIR / "var")))
DEBUG = environment.flag("COURRIELLEUR_DEBUG", env.str("DEBUG", default="false"))

# Secrets -------------------------------------------------------------------------------------------------------------

SECRET_KEY = env.str("SECRET_KEY", default="") or environment.installation_secret(VAR_DIR)
# Former ones, newest first: what they signed, sealed or led back stays good. The last of them was the first of all.
SECRET_KEY_FALLBACKS = [one.strip() for one in env.list("SECRET_KEY_FALLBACKS", default=[]) if one.strip()]
_secrets = [SECRET_KEY, *SECRET_KEY_FALLBACKS]
RECIPIENT_DIGEST_KEY = vault.derive(env.str("DIGEST_SECRET", default="") or _secrets[-1], "recipient-digest")
REFERENCE_KEYS = environment.numbered_keys("COURRIELLEUR_REFERENCE_KEYS", env.str("REFERENCE_KEYS", default="")) or {
    number: vault.derive(secret, "reference") for number, secret in enumerate(reversed(_secrets), start=1)
}
ENCRYPTION_KEYS = environment.key_list("COURRIELLEUR_ENCRYPTION_KEYS", env.str("ENCRYPTION_KEYS", default="")) or [
    vault.derive(secret, "encryption") for secret in _secrets
]
REPLY_KEYS = [vault.derive(secret, "case-reply") for secret in _secrets]

# Where we are --------------------------------------------------------------------------------------------------------

PUBLIC_URL = environment.web_address("COURRIELLEUR_PUBLIC_URL", env.str("PUBLIC_URL", default="http://127.0.0.1:8025"))
BEHIND_PROXY = environment.flag("COURRIELLEUR_BEHIND_PROXY", env.str("BEHIND_PROXY", default="false"))
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]", "testserver"])
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
REPORT_DOMAIN = environment.domain(
    "COURRIELLEUR_REPORT_DOMAIN", env.str("REPORT_DOMAIN", default="bounce.courrielleur.example")
)
CASE_DOMAIN = environment.domain(
    "COURRIELLEUR_CASE_DOMAIN", env.str("CASE_DOMAIN", default="case.courrielleur.example")
)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
HTTPS = PUBLIC_URL.startswith("https://")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_HSTS_SECONDS = (
    environment.positive("COURRIELLEUR_HSTS_SECONDS", env.str("HSTS_SECONDS", default="31536000")) if HTTPS else 0
)
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_SSL_REDIRECT = HTTPS and environment.flag("COURRIELLEUR_SSL_REDIRECT", env.str("SSL_REDIRECT", default="true"))
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

# What runs -----------------------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "courrielleur.apps.CourrielleurConfig",
    "courrielleur.accounts.apps.AccountsConfig",
    "courrielleur.jobs.apps.JobsConfig",
    "courrielleur.api.apps.ApiConfig",
    "fbl.apps.FblConfig",
    "abuse.apps.AbuseConfig",
    "consent.apps.ConsentConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "django_q",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "courrielleur.portal.language.PersonLanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "courrielleur.portal.wrong_method.WrongMethodMiddleware",
]

ROOT_URLCONF = "courrielleur.urls"
WSGI_APPLICATION = "courrielleur.wsgi.application"
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
                "django.template.context_processors.i18n",
                "courrielleur.portal.navigation.navigation",
            ],
        },
    },
]

# Database and cache --------------------------------------------------------------------------------------------------

DATABASES = {"default": database.settings_for(os.environ.get("DATABASE_URL", ""), VAR_DIR)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# Shared by all processes: login limits, throttles and worker health must see the same counters.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "shared_cache"}}

# People --------------------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "courrielleur.accounts.login.ClosedAccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"  # people are invited to an address by someone who knows them
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = True
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if BEHIND_PROXY else 0
MFA_ALLOW_UNVERIFIED_EMAIL = True

# Language: French first ----------------------------------------------------------------------------------------------

LANGUAGE_CODE = "fr"
LANGUAGES = [("fr", _("French")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "courrielleur" / "locale"]
FORMAT_MODULE_PATH = "courrielleur.formats"
USE_TZ = True
TIME_ZONE = environment.time_zone("COURRIELLEUR_TIME_ZONE", env.str("TIME_ZONE", default="America/Toronto"))

# Static files and Content-Security-Policy ----------------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STORAGES = {"staticfiles": {"BACKEND": "whitenoise.storage.CompressedStaticFilesStorage"}}
WHITENOISE_USE_FINDERS = True
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],  # Bootstrap's carets and checks are data: images inside its CSS
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    },
}

# Mail out ------------------------------------------------------------------------------------------------------------

vars().update(environment.mail_server("COURRIELLEUR_EMAIL_URL", env.str("EMAIL_URL", default="smtp://127.0.0.1:8026")))
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = env.str("FROM_EMAIL", default="Courrielleur <abus@courrielleur.example>")

# Doors ---------------------------------------------------------------------------------------------------------------

LISTEN = env.str("LISTEN", default="127.0.0.1:8025")  # of the web process that `up` starts
INTAKE_SMTP = env.str("INTAKE_SMTP", default="127.0.0.1:8625")
INTAKE_LMTP = env.str("INTAKE_LMTP", default="")  # host:port, or empty for none
MAILBOXES = env.str("MAILBOXES", default="")  # path of a TOML file (docs/doors.md), or empty for none
REPORT_MAX_BYTES = environment.positive(
    "COURRIELLEUR_REPORT_MAX_BYTES", env.str("REPORT_MAX_BYTES", default="20971520")
)
INTAKE_MAX_CONNECTIONS = environment.positive(
    "COURRIELLEUR_INTAKE_MAX_CONNECTIONS", env.str("INTAKE_MAX_CONNECTIONS", default="200")
)
INTAKE_MESSAGES_PER_MINUTE = environment.positive(  # of one client address; 0 is no limit
    "COURRIELLEUR_INTAKE_MESSAGES_PER_MINUTE", env.str("INTAKE_MESSAGES_PER_MINUTE", default="60000")
)
DATA_UPLOAD_MAX_MEMORY_SIZE = REPORT_MAX_BYTES

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["courrielleur.api.auth.ApiKeyAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["courrielleur.api.auth.HasScope"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_VERSIONING_CLASS": None,
    "EXCEPTION_HANDLER": "courrielleur.api.problems.problem_response",
    "DEFAULT_THROTTLE_CLASSES": ["courrielleur.api.throttles.KeyThrottle"],
    "DEFAULT_THROTTLE_RATES": {
        "key": environment.rate("COURRIELLEUR_API_RATE", env.str("API_RATE", default="600/min")),
        "address": environment.rate(
            "COURRIELLEUR_API_ADDRESS_RATE", env.str("API_ADDRESS_RATE", default="120/min")
        ),  # without a valid key
    },
    "NUM_PROXIES": 1 if BEHIND_PROXY else 0,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Courrielleur",
    "VERSION": "1",
    "DESCRIPTION": "Reports in, standings out, consent evidence up. Errors are RFC 9457 problems.",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_AUTHENTICATION": [],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SWAGGER_UI_SETTINGS": {"deepLinking": False},  # its links sit inside buttons: no screen reader tells them apart
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "ENUM_NAME_OVERRIDES": {
        "CaseState": "courrielleur.api.serializers.cases.STATES",
        "OrderState": "courrielleur.api.serializers.webhooks.STATES",
        "OrderAction": "courrielleur.api.serializers.webhooks.ACTIONS",
        "UploadState": "courrielleur.api.serializers.consent.STATES",
        "StandingLevel": "courrielleur.api.serializers.standing.LEVELS",
        "SuppressionReason": "courrielleur.api.serializers.suppressions.REASONS",
        "QuestionKind": "courrielleur.api.serializers.cases.KINDS",
        "AssetKind": "courrielleur.api.serializers.accounts.KINDS",
        "Language": "courrielleur.accounts.models.Language",
    },
}

# Worker --------------------------------------------------------------------------------------------------------------

Q_CLUSTER = {
    "name": "courrielleur",  # also the salt that signs tasks: the same for every cluster
    "orm": "default",
    "workers": environment.positive("COURRIELLEUR_WORKERS", env.str("WORKERS", default="3"), at_least=1),
    "queue_limit": 4,
    "bulk": 1,
    "poll": 0.2,
    "timeout": 120,
    "retry": 600,  # more than timeout × (turns a task may wait in memory + 1) + 30, or it would run twice
    "max_attempts": 3,
    "ack_failures": False,
    "save_limit": 0,
    "catch_up": False,
    "recycle": 500,
    "max_rss": 600_000,
    "cache": "default",
    "label": "Courrielleur",
}
# The steps of the pipeline by the name a Job row carries. Rows name steps; only this table knows where they live.
PIPELINE_STEPS = {
    "river": "courrielleur.pipeline.river",
    "deliver": "courrielleur.pipeline.deliver",
    "reconcile": "courrielleur.pipeline.reconcile",
    "tick": "courrielleur.pipeline.tick",
    "laboratory": "courrielleur.pipeline.try_policies",
    "consent": "courrielleur.pipeline.read_consents",
    "examine": "courrielleur.pipeline.examine",
    "coverage": "courrielleur.pipeline.measure_coverage",
    "facts": "courrielleur.pipeline.ask_outside",
}
JOB_MAX_ATTEMPTS = 5
JUDGE_BACKLOG = 250  # more reports than this at once are a backlog: it is judged once, after its end
JUDGE_MAX_WAIT_SECONDS = 60  # … but nobody escapes judgement behind a flood of reports for longer than this
RAW_REPORT_DAYS = environment.positive(  # they are personal data
    "COURRIELLEUR_RAW_REPORT_DAYS", env.str("RAW_REPORT_DAYS", default="30"), at_most=365
)
PROBATION_DAYS = 30
# 0: the policy's
RETURN_PATH_DAYS = environment.positive("COURRIELLEUR_RETURN_PATH_DAYS", env.str("RETURN_PATH_DAYS", default="0"))
# Who vouches for reports of enrolled feeds: DKIM keys asked for in DNS, or our own MTA that has asked already.
DNS_SERVERS = env.list("DNS_SERVERS", default=[])  # host or host:port; empty: the system's
AUTHSERV_ID = env.str("AUTHSERV_ID", default="")  # of our own MTA's Authentication-Results; empty: not believed
WEBHOOK_PRIVATE_NETWORKS = environment.flag(
    "COURRIELLEUR_WEBHOOK_PRIVATE_NETWORKS", env.str("WEBHOOK_PRIVATE_NETWORKS", default=str(DEBUG))
)

# Logs ----------------------------------------------------------------------------------------------------------------

LOGGING = environment.logging_to_stderr(
    environment.log_level("COURRIELLEUR_LOG_LEVEL", env.str("LOG_LEVEL", default="INFO"))
)
