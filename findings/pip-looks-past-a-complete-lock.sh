#!/bin/sh
# Guess: where every package is pinned with its hash, `pip install --require-hashes` installs those, whatever else is out.
# Found: pip 23.0.1 and 23.2.1 stop as soon as a newer release is found of a package that another one asks for with an extra: the
# package with its extra is resolved apart from the pin, to the newest, and that has no hash in the lock. Without the newer release
# the same lock installs. pip 23.3.2 and 26.1 take the pin. `--no-deps` keeps older ones from looking.
# Here: two tiny packages are made; `asker` wants `asked[email]==2.*`; the lock pins asker 1.0 and asked 2.0; asked 2.1 comes out.
set -eu
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
mkdir index
python3 - <<'P'
import zipfile
def wheel(name, version, more=""):
    info = f"{name}-{version}.dist-info"
    with zipfile.ZipFile(f"index/{name}-{version}-py3-none-any.whl", "w") as z:
        z.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{more}")
        z.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        z.writestr(f"{info}/RECORD", "")
wheel("asker", "1.0", "Requires-Dist: asked[email]==2.*\n")
for version in ("2.0", "2.1"):
    wheel("asked", version, "Provides-Extra: email\n")
P
mkdir later && mv index/asked-2.1* later/
lock() { printf '%s==%s --hash=sha256:%s\n' "$1" "$2" "$(sha256sum "index/$1-$2-py3-none-any.whl" | cut -d' ' -f1)"; }
{ lock asker 1.0; lock asked 2.0; } > lock.txt

try() { # pip's version, what to add: "installed" or "refused"
    "env-$1/bin/python" -m pip install --quiet --disable-pip-version-check --dry-run --no-index $2 --require-hashes -r lock.txt > said 2>&1 &&
        echo installed || { grep -q 'Hashes are required' said && echo refused || cat said; }
}
expect() { printf '%-8s %-28s %s\n' "$1" "$2" "$3"; [ "$3" = "$4" ] || { echo "this changed: $4 before"; exit 1; }; }
for version in 23.0.1 23.2.1 23.3.2 26.1; do
    python3 -m venv "env-$version"
    "env-$version/bin/python" -m pip install --quiet --disable-pip-version-check "pip==$version"
    case $version in 23.[02]*) now=refused ;; *) now=installed ;; esac
    expect "$version" "the lock alone" "$(try "$version" "--find-links index")" installed
    expect "$version" "a newer release is out" "$(try "$version" "--find-links index --find-links later")" "$now"
    expect "$version" "the same, --no-deps" "$(try "$version" "--no-deps --find-links index --find-links later")" installed
done
