#!/bin/sh
# Search with a picture: sh search.sh http://127.0.0.1:8000 bridge.jpg
curl --silent --show-error --fail-with-body --form "image=@$2" "$1/api/v1/search?limit=5"
