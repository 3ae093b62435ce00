#!/bin/bash
# The wall clock may be set at any moment, so nothing but the daemon's start may read it.
set -eu
cd "$(dirname "$0")/../.."
found=$(grep -rnE --include='*.cc' 'system_clock|CLOCK_REALTIME|gettimeofday|[^_a-z]time\((nullptr|NULL|0)\)' src |
  grep -v '^src/daemon/server.cc:.*wall_clock' || true)
[ -z "$found" ] || { printf 'these read the wall clock:\n%s\n' "$found"; exit 1; }
