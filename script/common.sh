# Sourced by the scripts of this folder: goes to the checkout's root and sets what builds share.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export CCACHE_NOHASHDIR=1 CCACHE_BASEDIR=$PWD  # checkouts and build folders share the cache
export LC_ALL=C.UTF-8
# hostapd, iw and others live in sbin, which an ordinary user's PATH may lack.
export PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"

say() { printf '\n== %s\n' "$*"; }
die() { printf '%s: %s\n' "${0##*/}" "$*" >&2; exit 1; }

# build_preset PRESET [TARGET...]: configures and builds into build/PRESET.
build_preset() {
  local preset=$1
  shift
  say "build $preset"
  cmake --preset "$preset" -Wno-dev --log-level=WARNING >/dev/null
  cmake --build "build/$preset" -- "${@:-all}"
}
