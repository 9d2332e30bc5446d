#!/usr/bin/env bash
# Starts a real S3 on loopback for the tests: Ceph's RADOS Gateway over one monitor and one OSD that keeps everything in
# memory. Usage: start.sh DIR (an empty folder for its state). Prints KEY=VALUE lines; ends nothing but what it started.
set -euo pipefail

state=${1:?usage: start.sh DIR}
export CEPH_CONF=$state/ceph.conf CEPH_ARGS=
packages='radosgw ceph-mon ceph-osd ceph-common'

fail() {
  echo "$*" >&2
  exit 1
}

install_ceph() {
  for program in radosgw radosgw-admin ceph-mon ceph-osd ceph monmaptool; do
    if ! command -v "$program" >/dev/null; then
      local how="apt-get install -y --no-install-recommends $packages"
      [[ $(id -u) == 0 ]] || fail "The S3 tests need Ceph's gateway ($program is missing): run '$how' as root."
      # shellcheck disable=SC2086 # a list of words
      { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 install -y \
        --no-install-recommends $packages; } >"$state/install.log" 2>&1 || fail "'$how' failed; see $state/install.log"
      return
    fi
  done
}

is_free() { ! (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# The first of 13 neighbouring free ports: Ceph takes a range, not a list.
free_ports() {
  local base offset
  while :; do
    base=$((20000 + RANDOM % 10000))
    for offset in {0..12}; do
      is_free $((base + offset)) || continue 2
    done
    echo "$base"
    return
  done
}

run() { # run NAME COMMAND...
  local name=$1
  shift
  setsid "$@" >"$state/$name.out" 2>&1 </dev/null &
  echo $! >"$state/$name.pid"
}

wait_for() { # wait_for SECONDS WHAT COMMAND...
  local end=$((SECONDS + $1)) what=$2
  shift 2
  until "$@" >/dev/null 2>&1; do
    ((SECONDS < end)) || fail "timed out waiting for $what; see $state"
    sleep 0.1
  done
}

osd_is_up() { ceph --connect-timeout 2 osd stat | grep -q '1 up'; }

install_ceph
mkdir -p "$state"/{mon,osd,rgw}
base=$(free_ports)
port=$((base + 12))
fsid=$(cat /proc/sys/kernel/random/uuid)
access_key=test-access secret_key=test-secret-key

cat >"$CEPH_CONF" <<CONF
[global]
fsid = $fsid
mon_host = v2:127.0.0.1:$base/0
public_addr = 127.0.0.1
cluster_addr = 127.0.0.1
ms_bind_port_min = $((base + 1))
ms_bind_port_max = $((base + 11))
ms_bind_msgr1 = false
auth_cluster_required = none
auth_service_required = none
auth_client_required = none
run_dir = $state
admin_socket = $state/\$name.asok
crash_dir = $state
log_file = $state/\$name.log
log_to_stderr = false
mon_cluster_log_file = $state/cluster.log
osd_pool_default_size = 1
osd_pool_default_min_size = 1
osd_pool_default_pg_num = 8
osd_pool_default_pg_autoscale_mode = off
osd_crush_chooseleaf_type = 0
mon_allow_pool_size_one = true
# Each pool costs several rounds of the monitor: this is what makes the start take seconds.
paxos_propose_interval = 0.05
paxos_min_wait = 0.01
mon_data_size_warn = 99999999999
mon_data_avail_crit = 1
mon_data_avail_warn = 1

[mon.a]
mon_data = $state/mon

[osd.0]
osd_data = $state/osd
osd_objectstore = memstore
memstore_device_bytes = 4294967296

[client.rgw]
rgw_data = $state/rgw
rgw_frontends = beast endpoint=127.0.0.1:$port
# Without it the gateway hangs when authentication is off.
ms_mon_client_mode = crc
rgw_thread_pool_size = 64
rgw_dynamic_resharding = false
rgw_enable_usage_log = false
CONF

monmaptool --create --fsid "$fsid" --addv a "[v2:127.0.0.1:$base]" "$state/monmap" >/dev/null
ceph-mon -i a --mkfs --monmap "$state/monmap"
run mon ceph-mon -f -i a
wait_for 30 'the monitor' ceph --connect-timeout 2 mon stat
osd=$(cat /proc/sys/kernel/random/uuid)
ceph osd new "$osd" >/dev/null
ceph-osd -i 0 --mkfs --osd-uuid "$osd" >"$state/mkfs.out" 2>&1
run osd ceph-osd -f -i 0
wait_for 60 'the OSD' osd_is_up
run rgw radosgw -f -n client.rgw
wait_for 120 'the gateway' bash -c "exec 3<>/dev/tcp/127.0.0.1/$port"
radosgw-admin -n client.rgw user create --uid=test --display-name=test \
  --access-key="$access_key" --secret-key="$secret_key" >"$state/user.out" 2>&1

echo "endpoint=http://127.0.0.1:$port"
echo "accessKeyId=$access_key"
echo "secretAccessKey=$secret_key"
