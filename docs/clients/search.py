"""Search with a picture: python search.py http://127.0.0.1:8000 bridge.jpg."""

import json
import sys
import urllib.request
from pathlib import Path

server, picture = sys.argv[1:]
kind = {"Content-Type": "application/octet-stream"}
address = f"{server}/api/v1/search?limit=5"
sent = urllib.request.Request(address, Path(picture).read_bytes(), kind)
with urllib.request.urlopen(sent) as answer:
    matches = json.load(answer)["matches"]
for match in matches:
    print(f"{match['similarity']:.3f}  {match['likeness']:15}  {server}{match['page']}")
