"""What the hook of an MTA is answered."""

from typing import Any

from rest_framework import serializers


class StoredPostSerializer(serializers.Serializer[Any]):
    stored = serializers.BooleanField()
