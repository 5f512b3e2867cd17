#!/usr/bin/env bash
# A real S3 server for tests: Ceph's RADOS gateway over one monitor and one OSD, on free loopback ports.
#   s3_server.sh DIR        starts it in a new DIR, prints endpoint=, access_key=, secret_key= and s3= (a URL)
#   s3_server.sh DIR stop   ends what DIR/run/*.pid names
#   s3_server.sh DIR kill-gateway | start-gateway   SIGKILLs or starts the gateway alone; objects stay
# Objects are on bluestore (a sparse 8 GB file in DIR) and survive kill -9. Works as root only. Needs the Debian
# packages radosgw ceph-mon ceph-osd ceph-common curl python3.
set -euo pipefail
DIR=$(realpath -m "${1:?usage: s3_server.sh DIR [stop | kill-gateway | start-gateway]}")
ACTION=${2:-up}
ACCESS_KEY=mangrove
SECRET_KEY=mangrove-secret
export CEPH_CONF=$DIR/ceph.conf

missing()
{
    local program
    for program in radosgw ceph-mon ceph-osd curl python3; do
        command -v "$program" > /dev/null || echo "$program"
    done
    command -v ceph > /dev/null || echo ceph-common
}

free_ports() # COUNT
{
    python3 - "$1" <<'PY'
import socket, sys
sockets = [socket.socket() for _ in range(int(sys.argv[1]))]
for s in sockets:
    s.bind(("127.0.0.1", 0))
print(*(s.getsockname()[1] for s in sockets))
PY
}

write_config() # FSID MONITOR_PORT GATEWAY_PORT
{
    cat > "$CEPH_CONF" <<CONF
[global]
fsid = $1
mon_host = v2:127.0.0.1:$2
public_addr = 127.0.0.1
keyring = $DIR/keyring
auth_allow_insecure_global_id_reclaim = false
osd_pool_default_size = 1
osd_pool_default_min_size = 1
osd_pool_default_pg_num = 1
osd_pool_default_pgp_num = 1
osd_pool_default_pg_autoscale_mode = off
osd_crush_chooseleaf_type = 0
mon_allow_pool_size_one = true
mon_data_avail_crit = 1
mon_data_avail_warn = 1
mon_max_pg_per_osd = 2000
log_file = $DIR/log/\$name.log
admin_socket = $DIR/run/\$name.asok
pid_file = $DIR/run/\$name.pid
run_dir = $DIR/run
[mon.a]
mon_data = $DIR/mon
[osd.0]
osd_data = $DIR/osd0
keyring = $DIR/osd0/keyring
osd_objectstore = bluestore
bluestore_block_size = 8589934592
[client.rgw]
rgw_frontends = beast endpoint=127.0.0.1:$3 tcp_nodelay=1
rgw_data = $DIR/rgw
CONF
}

start_cluster() # FSID MONITOR_PORT
{
    local keyring=$DIR/keyring osd_uuid secret name
    osd_uuid=$(cat /proc/sys/kernel/random/uuid)
    ceph-authtool --create-keyring "$keyring" --gen-key -n mon. --cap mon 'allow *'
    for name in client.admin client.rgw; do
        ceph-authtool "$keyring" --gen-key -n "$name" --cap mon 'allow *' --cap osd 'allow *' --cap mgr 'allow *'
    done
    monmaptool --create --fsid "$1" --addv a "[v2:127.0.0.1:$2]" "$DIR/monmap"
    ceph-mon --mkfs -i a --monmap "$DIR/monmap" --keyring "$keyring"
    ceph-mon -i a
    timeout 30 ceph -s
    secret=$(ceph-authtool --gen-print-key)
    echo "{\"cephx_secret\":\"$secret\"}" > "$DIR/osd_secret.json"
    timeout 30 ceph osd new "$osd_uuid" -i "$DIR/osd_secret.json"
    # The UUID must be the one announced above, or the OSD never boots.
    ceph-osd -i 0 --mkfs --key "$secret" --osd-uuid "$osd_uuid"
    printf '[osd.0]\n\tkey = %s\n' "$secret" > "$DIR/osd0/keyring"
    ceph-osd -i 0
}

start_gateway()
{
    radosgw -n client.rgw
    local endpoint
    endpoint=$(cat "$DIR/endpoint")
    for _ in $(seq 600); do
        curl -s -m 1 -o /dev/null "$endpoint/" && return 0
        sleep 0.1
    done
    echo "the gateway did not answer within 60 s" >&2
    return 1
}

end_pid_file() # FILE SIGNAL
{
    local pid
    pid=$(cat "$1" 2> /dev/null) || return 0
    kill "-$2" "$pid" 2> /dev/null || true
    for _ in $(seq 50); do
        kill -0 "$pid" 2> /dev/null || break
        sleep 0.1
    done
    kill -KILL "$pid" 2> /dev/null || true
    rm -f "$1"
}

case $ACTION in
    stop)
        for name in client.rgw osd.0 mon.a; do end_pid_file "$DIR/run/$name.pid" TERM; done
        exit 0
        ;;
    kill-gateway)
        end_pid_file "$DIR/run/client.rgw.pid" KILL
        exit 0
        ;;
    start-gateway)
        start_gateway
        exit 0
        ;;
    up) ;;
    *)
        echo "unknown action $ACTION" >&2
        exit 2
        ;;
esac

packages=$(missing)
if [ -n "$packages" ]; then
    echo "missing Debian packages:" $packages >&2
    exit 3
fi
if [ -e "$DIR" ] && [ -n "$(ls -A "$DIR")" ]; then
    echo "$DIR is not empty" >&2
    exit 2
fi
mkdir -p "$DIR"/{mon,osd0,run,log,rgw}
read -r monitor_port gateway_port <<< "$(free_ports 2)"
fsid=$(cat /proc/sys/kernel/random/uuid)
echo "http://127.0.0.1:$gateway_port" > "$DIR/endpoint"
write_config "$fsid" "$monitor_port" "$gateway_port"
give_up()
{
    tail -n 20 "$DIR/log/start.log" >&2
    "$0" "$DIR" stop
}
trap give_up EXIT
{
    start_cluster "$fsid" "$monitor_port"
    start_gateway
    timeout 60 radosgw-admin user create --uid=test --display-name=test "--access-key=$ACCESS_KEY" \
        "--secret-key=$SECRET_KEY"
} > "$DIR/log/start.log" 2>&1 < /dev/null
trap - EXIT
endpoint=$(cat "$DIR/endpoint")
echo "endpoint=$endpoint"
echo "access_key=$ACCESS_KEY"
echo "secret_key=$SECRET_KEY"
echo "s3=s3://mangrove-test?endpoint=$endpoint&access_key=$ACCESS_KEY&secret_key=$SECRET_KEY&create_bucket=1"
