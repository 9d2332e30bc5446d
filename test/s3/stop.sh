#!/usr/bin/env bash
# Ends what start.sh started with its state in DIR, by the pids it wrote there. Usage: stop.sh DIR
set -euo pipefail
state=${1:?usage: stop.sh DIR}

# By the command line: a pid may have been given out again, and an ended process that nobody reaped still has one.
is_ours() { grep -qaE '^(ceph-mon|ceph-osd|radosgw)' "/proc/$1/cmdline" 2>/dev/null; }

for name in rgw osd mon; do
  [[ -s $state/$name.pid ]] || continue
  pid=$(<"$state/$name.pid")
  if is_ours "$pid"; then
    kill "$pid"
    for _ in {1..100}; do
      is_ours "$pid" || break
      sleep 0.1
    done
    if is_ours "$pid"; then kill -9 "$pid"; fi
  fi
  rm -f "$state/$name.pid"
done
