#!/bin/sh
# Creates an audience, updates profiles, and asks who is in it.
# Usage: ROLLCALL_URL=https://rollcall.example.com ROLLCALL_KEY=rck_… sh sync.sh
set -eu

call() {
  method=$1 path=$2
  shift 2
  curl --silent --show-error --fail-with-body --retry 5 --request "$method" "$ROLLCALL_URL$path" \
    --header "Authorization: ApiKey-v1 $ROLLCALL_KEY" \
    --header 'Content-Type: application/json' \
    --header 'customer-data-platform-name: Shell' "$@"
}

call POST /cdp/audiences --data '{ "audienceId": "newsletter", "audienceName": "Newsletter" }'
call PUT /cdp/customer_profile/curl-1 --data '{ "attributes": { "Tier": "gold" } }'
call PUT /cdp/v2/customer_profiles/audiences --data '{
  "data": [
    { "customerProfileId": "curl-1", "adds": ["newsletter"] },
    { "customerProfileId": "curl-2", "adds": ["newsletter"] }
  ]
}'
call PUT /cdp/customer_profile/curl-2/audiences --data '{ "data": { "deletes": ["newsletter"] } }'
