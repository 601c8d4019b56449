#!/bin/sh
# Guess: `optimize` of qrcode cuts a text into stretches so that the code gets small; its default, or else 1 (look for the shortest
# stretches), gives the smallest code.
# Found (qrcode 8.2): neither. For one address of a board the default (20) needs version 5 and 1 needs version 6, larger than
# without any cutting, while 4 and 8 fit into version 4; for another address all but 1 are alike. Which number is best depends on
# the address, and the library does not look: whoever prints on walls tries a few and takes the smallest.
set -eu
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
python3 -m venv env
env/bin/python -m pip install --quiet --disable-pip-version-check qrcode==8.2
env/bin/python - <<'P'
import qrcode

def versions(text):
    found = {}
    for optimize in (0, 1, 4, 8, 20):
        code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_H)
        code.add_data(text, optimize=optimize)
        code.make(fit=True)
        found[optimize] = code.version
    return found

found = {address: versions(address) for address in ("http://192.0.2.2:8000/b/1BGCN9YJS527", "https://portal.example.cn/b/1BGCN9YJS527")}
for address, each in found.items():
    print(address, each)
assert list(found.values()) == [{0: 5, 1: 6, 4: 4, 8: 4, 20: 5}, {0: 5, 1: 6, 4: 5, 8: 5, 20: 5}], "this changed"
P
