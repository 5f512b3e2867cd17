#!/bin/bash
# Records the corpus: starts PostgreSQL, Redis, RabbitMQ, the receiver, the instrumented shop and the load, all on
# loopback addresses and at the lowest priority, and stops everything it started when SPANS spans are there.
#
#   run.sh HALF SEED SPANS [CUSTOMERS]      for example: run.sh design 1 500000; run.sh measure 2 500000
#
# Writes tests/corpus/HALF/NNN.otlp.zst (continuing after the files that are there). Needs root, node 20 or newer and
# the Debian packages postgresql redis-server rabbitmq-server zstd. The shop runs as user `shop` in /opt/shop, so that
# the process attributes that the SDK records are the shop's and not those of this checkout.
set -euo pipefail
half=$1 seed=$2 spans=$3 customers=${4:-24}
here=$(cd "$(dirname "$0")" && pwd)
shop=/opt/shop
state=$(mktemp -d /tmp/shop.XXXXXX)
export SHOP_POSTGRES_PORT=7701 SHOP_REDIS_PORT=7702 SHOP_RABBIT_PORT=7703
receiver_port=7704
pids=()
renice -n 19 $$ > /dev/null

stop() { # the SDK catches SIGTERM to flush and then stays, hence the second round
    for pid in "${pids[@]}"; do kill -TERM "$pid" 2> /dev/null || true; done
    sleep 5
    for pid in "${pids[@]}"; do kill -KILL "$pid" 2> /dev/null || true; done
    pids=()
    ERL_EPMD_PORT=7705 epmd -kill > /dev/null 2>&1 || true
}
trap 'stop; rm -rf "$state"' EXIT
wait_for() { # wait_for SECONDS COMMAND...: until the command succeeds
    local tries=$(($1 * 5)); shift
    until "$@" > /dev/null 2>&1; do ((--tries)) || { echo "timed out: $*" >&2; exit 1; }; sleep 0.2; done
}
listening() { (exec 3<> "/dev/tcp/$1/$2") 2> /dev/null; }

id shop > /dev/null 2>&1 || useradd --system --home-dir $shop --shell /usr/sbin/nologin shop
mkdir -p $shop
cp -r "$here"/{package.json,package-lock.json,shop} $shop/
(cd $shop && [ -d node_modules ] || npm ci --no-audit --no-fund --loglevel=error)
chmod -R go+rX $shop
chmod 755 "$state"

pg=$(ls -d /usr/lib/postgresql/*/bin | tail -1)
install -d -o postgres "$state/postgres"
runuser -u postgres -- "$pg/initdb" -D "$state/postgres/data" -A trust -U postgres > "$state/initdb.log"
runuser -u postgres -- "$pg/postgres" -D "$state/postgres/data" -c listen_addresses=127.0.0.1 -p $SHOP_POSTGRES_PORT \
    -c unix_socket_directories="$state/postgres" -c fsync=off -c max_connections=200 > "$state/postgres.log" 2>&1 &
pids+=($!)
sql() { psql -q -h 127.0.0.1 -p $SHOP_POSTGRES_PORT -U postgres "$@"; }
wait_for 60 sql -c 'SELECT 1'
sql -c 'CREATE USER shop' -c 'CREATE DATABASE shop OWNER shop'
sql -U shop shop < "$here/schema.sql"
node "$here/seed_users.js" | sql -U shop shop

redis-server --port $SHOP_REDIS_PORT --bind 127.0.0.1 --save '' --dir "$state" > "$state/redis.log" &
pids+=($!)
printf 'listeners.tcp.default = 127.0.0.1:%s\nloopback_users = none\n' $SHOP_RABBIT_PORT > "$state/rabbitmq.conf"
HOME="$state" ERL_EPMD_ADDRESS=127.0.0.1 ERL_EPMD_PORT=7705 RABBITMQ_DIST_PORT=7706 RABBITMQ_NODENAME=shop@localhost \
    RABBITMQ_CONFIG_FILE="$state/rabbitmq.conf" RABBITMQ_MNESIA_BASE="$state/rabbit" RABBITMQ_LOG_BASE="$state/rabbit" \
    RABBITMQ_ENABLED_PLUGINS_FILE="$state/plugins" \
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS='-kernel inet_dist_use_interface {127,0,0,1}' \
    /usr/lib/rabbitmq/bin/rabbitmq-server > "$state/rabbitmq.log" 2>&1 &
pids+=($!)
wait_for 60 listening 127.0.0.1 $SHOP_REDIS_PORT
wait_for 120 listening 127.0.0.1 $SHOP_RABBIT_PORT

mkdir -p "$state/out"
node "$here/receiver.js" "$state/out" $receiver_port "$spans" > "$state/receiver.log" &
receiver=$!
wait_for 20 listening 127.0.0.1 $receiver_port

start_service() { # start_service NAME ADDRESS VERSION POD
    local resource="service.namespace=shop,service.version=$3,deployment.environment.name=production"
    resource+=",host.name=shop-node-$((${#4} % 3 + 1)),cloud.provider=example,cloud.region=eu-central-1"
    resource+=",k8s.namespace.name=shop,k8s.pod.name=$4,k8s.container.name=$1"
    (cd $shop && exec setpriv --reuid shop --regid shop --clear-groups env -i PATH=/usr/bin:/bin HOME=$shop \
        SHOP_ADDRESS="$2" SHOP_POSTGRES_PORT=$SHOP_POSTGRES_PORT SHOP_REDIS_PORT=$SHOP_REDIS_PORT \
        SHOP_RABBIT_PORT=$SHOP_RABBIT_PORT OTEL_SERVICE_NAME="$1" OTEL_RESOURCE_ATTRIBUTES="$resource" \
        OTEL_NODE_RESOURCE_DETECTORS=env,process,serviceinstance OTEL_NODE_DISABLED_INSTRUMENTATIONS=router \
        OTEL_TRACES_EXPORTER=otlp OTEL_METRICS_EXPORTER=none OTEL_LOGS_EXPORTER=none \
        OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:$receiver_port \
        OTEL_BSP_MAX_QUEUE_SIZE=20000 OTEL_BSP_SCHEDULE_DELAY=2000 \
        node --require @opentelemetry/auto-instrumentations-node/register "shop/$1.js") > "$state/$4.log" 2>&1 &
    pids+=($!)
    disown $!
}
while read -r name version addresses; do
    replica=0
    for address in $addresses; do
        pod="$name-$(echo "$name$version" | md5sum | cut -c1-9)-$(echo "$address$seed" | md5sum | cut -c1-5)"
        start_service "$name" "$address" "$version" "$pod"
        replica=$((replica + 1))
    done
done << 'LIST'
gateway 1.4.2 127.0.1.1 127.0.1.2
catalog 2.0.1 127.0.2.1 127.0.2.2 127.0.2.3
account 1.1.0 127.0.3.1
cart 1.3.9 127.0.4.1 127.0.4.2
order 3.1.0 127.0.5.1 127.0.5.2
payment 0.9.7 127.0.6.1 127.0.6.2
shipping 1.0.4 127.0.7.1
recommend 1.0.0-beta.3 127.0.8.1
fulfilment 1.2.0 127.0.9.1 127.0.9.2
notifier 1.0.0 127.0.10.1
LIST
for address in 127.0.{1.1,1.2,2.1,2.2,2.3,3.1,4.1,4.2,5.1,5.2,6.1,6.2,7.1,8.1}; do
    wait_for 120 listening $address 7700
done
redis-cli -p $SHOP_REDIS_PORT hset tariff DE 490 FR 790 PT 1190 PL 690 SE 990 > /dev/null

node "$here/load.js" "$seed" "$customers" > "$state/load.log" 2>&1 &
pids+=($!)
tail -f "$state/receiver.log" --pid=$receiver &
wait $receiver
stop # before the packing, which takes minutes

mkdir -p "$here/../$half"
number=$(ls "$here/../$half" | grep -c zst || true)
for file in "$state"/out/*.otlp; do
    packed="$here/../$half/$(printf %03d "$number").otlp.zst"
    zstd -q -19 --long=27 "$file" -o "$packed.part" && mv "$packed.part" "$packed"
    number=$((number + 1))
done
ls -l "$here/../$half"
