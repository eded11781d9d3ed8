#!/usr/bin/env bash
# Tell Courrielleur of consent: as it is given, as it is taken back, or from a file of any size. Needs curl.
#
#     export COURRIELLEUR_URL=https://console.example.com COURRIELLEUR_KEY=…
#     ./consent.sh tell marie@example.com
#     ./consent.sh withdraw marie@example.com
#     ./consent.sh send inscriptions.csv
set -euo pipefail

piece=$((8 * 1024 * 1024)) # bytes sent at once
api="$COURRIELLEUR_URL/api/v1"

call() { # curl's words; an error is printed as the console tells it, and ends the script
    curl --silent --show-error --fail-with-body --max-time 60 --header "Authorization: Bearer $COURRIELLEUR_KEY" "$@"
}

offset_of() { # address
    call --head "$1" | tr -d '\r' | awk 'tolower($1) == "upload-offset:" { print $2 }'
}

tell() { # The same record again is the same, so repeat it without fear. Better: your own number of this sign-up.
    call --json @- "$api/consent-records" <<END
{
  "id": "signup-$(date --utc +%s.%N)",
  "email": "$1",
  "method": "single_opt_in",
  "consented_at": "$(date --utc +%FT%TZ)",
  "ip": "192.0.2.17",
  "user_agent": "Mozilla/5.0",
  "form_url": "https://www.example.com/infolettre",
  "form_version": "2026-11",
  "wording": "Je veux recevoir l’infolettre mensuelle."
}
END
}

withdraw() {
    call --json "{\"recipients\": [\"$1\"], \"how\": \"link in the mail\"}" "$api/consent-withdrawals"
}

send() { # in pieces, on after each interruption (tus 1.0.0)
    local size digest name address offset tries=0
    size=$(stat --format=%s "$1")
    digest=$(sha256sum "$1" | cut -d ' ' -f 1 | tr -d '\n' | base64 --wrap=0)
    name=$(basename "$1" | tr -d '\n' | base64 --wrap=0)
    address=$(call --request POST --header "Upload-Length: $size" --output /dev/null --dump-header - \
        --header "Upload-Metadata: filename $name,sha256 $digest" "$api/consent-uploads" \
        | tr -d '\r' | awk 'tolower($1) == "location:" { print $2 }')
    while offset=$(offset_of "$address") && [ "$offset" -lt "$size" ]; do
        # A 409 says that more came through than we knew, a broken connection that less did: ask again, and go on.
        tail --bytes=+$((offset + 1)) "$1" | head --bytes="$piece" | call --request PATCH --data-binary @- \
            --header "Content-Type: application/offset+octet-stream" --header "Upload-Offset: $offset" "$address" \
            || { tries=$((tries + 1)) && [ "$tries" -lt 10 ] && sleep "$tries"; }
    done
    call "$address"
}

"$@"
