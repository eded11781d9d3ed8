"""Resellers, accounts and what they send from."""

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from courrielleur.accounts import selectors, services
from courrielleur.accounts.models import Reseller
from courrielleur.accounts.permissions import Scope
from courrielleur.api import pagination
from courrielleur.api.idempotency import idempotent
from courrielleur.api.schema import operation, posted
from courrielleur.api.serializers.accounts import AccountSerializer, AssetSerializer, ResellerSerializer
from courrielleur.api.serializers.common import checked, page_of
from courrielleur.api.views.base import ApiView

RESELLER = {
    "key": "boreal",
    "name": "Boréal Courriel",
    "language": "fr",
    "notice_address": "abus@example.net",
    "created_at": "2026-09-01T09:00:00-04:00",
}
ACCOUNT = {
    "key": "acme",
    "number": 17,
    "name": "Acme",
    "reseller": "boreal",
    "language": "fr",
    "created_at": "2026-09-01T09:00:00-04:00",
}
ASSET = {"kind": "ip", "value": "192.0.2.17", "created_at": "2026-09-01T09:00:00-04:00"}


class Resellers(ApiView):
    scope = {"GET": Scope.ACCOUNTS_READ, "POST": Scope.ACCOUNTS_WRITE}

    @operation(
        "resellers_list",
        _("List resellers"),
        tag="accounts",
        answer=page_of(ResellerSerializer),
        is_paged=True,
        example={"items": [RESELLER], "next": None},
    )
    def get(self, request: Request) -> Response:
        resellers = selectors.resellers_for(self.actor)
        return pagination.answer(request, resellers, by=["key"], shape=ResellerSerializer)

    @posted(
        "resellers_create",
        _("Add a reseller"),
        tag="accounts",
        body=ResellerSerializer,
        answer=ResellerSerializer,
        status=201,
        example=RESELLER,
    )
    @idempotent
    def post(self, request: Request) -> Response:
        reseller = services.create_reseller(**checked(ResellerSerializer, request))
        return Response(ResellerSerializer(reseller).data, status=201)


class Accounts(ApiView):
    scope = {"GET": Scope.ACCOUNTS_READ, "POST": Scope.ACCOUNTS_WRITE}

    @operation(
        "accounts_list",
        _("List accounts"),
        tag="accounts",
        about=_("The accounts your key sees: all of them, those of your reseller, or your own."),
        answer=page_of(AccountSerializer),
        is_paged=True,
        example={"items": [ACCOUNT], "next": None},
    )
    def get(self, request: Request) -> Response:
        accounts = selectors.accounts_for(self.actor)
        return pagination.answer(request, accounts, by=["key"], shape=AccountSerializer)

    @posted(
        "accounts_create",
        _("Add an account"),
        tag="accounts",
        body=AccountSerializer,
        answer=AccountSerializer,
        status=201,
        example=ACCOUNT,
    )
    @idempotent
    def post(self, request: Request) -> Response:
        fields = checked(AccountSerializer, request)
        key = fields.pop("reseller")["key"]
        try:
            reseller = selectors.reseller_for(self.actor, key)
        except Reseller.DoesNotExist as error:
            told = gettext("There is no reseller %(key)s. Add it first.") % {"key": key}
            raise ValidationError({"reseller": [ErrorDetail(told, code="unknown")]}) from error
        account = services.create_account(reseller=reseller, **fields)
        return Response(AccountSerializer(account).data, status=201)


class AccountDetail(ApiView):
    scope = {"GET": Scope.ACCOUNTS_READ}

    @operation(
        "accounts_read",
        _("Read one account"),
        tag="accounts",
        answer=AccountSerializer,
        refuses=[404],
        example=ACCOUNT,
    )
    def get(self, request: Request, key: str) -> Response:
        return Response(AccountSerializer(selectors.account_for(self.actor, key)).data)


class Assets(ApiView):
    scope = {"GET": Scope.ACCOUNTS_READ, "POST": Scope.ACCOUNTS_WRITE}

    @operation(
        "assets_list",
        _("List what an account sends from"),
        tag="accounts",
        about=_("Its own addresses and domains; those of the shared pool are not listed."),
        answer=page_of(AssetSerializer),
        refuses=[404],
        is_paged=True,
        example={"items": [ASSET], "next": None},
    )
    def get(self, request: Request, key: str) -> Response:
        assets = selectors.assets_of(selectors.account_for(self.actor, key))
        return pagination.answer(request, assets, by=["kind", "value"], shape=AssetSerializer)

    @posted(
        "assets_create",
        _("Add an address or a domain an account sends from"),
        tag="accounts",
        body=AssetSerializer,
        answer=AssetSerializer,
        status=201,
        refuses=[404],
        example=ASSET,
    )
    @idempotent
    def post(self, request: Request, key: str) -> Response:
        account = selectors.account_for(self.actor, key)
        asset = services.add_asset(account=account, **checked(AssetSerializer, request))
        return Response(AssetSerializer(asset).data, status=201)
