#!/usr/bin/env bash
# A ZooKeeper ensemble of three members on free loopback ports, for tests.
#   zookeeper_ensemble.sh DIR        starts it, prints zk=127.0.0.1:p1,127.0.0.1:p2,127.0.0.1:p3
#   zookeeper_ensemble.sh DIR stop   ends what DIR/pids names
#   zookeeper_ensemble.sh DIR start N / kill N   starts or SIGKILLs one member (1 to 3); its data stays
# DIR must be new or empty at the first start. Needs the Debian packages zookeeper and a Java runtime, as root or not.
set -euo pipefail
DIR=$(realpath -m "${1:?usage: zookeeper_ensemble.sh DIR [stop | start N | kill N]}")
ACTION=${2:-up}
MEMBERS=3

missing()
{
    command -v java > /dev/null || echo default-jre-headless
    [ -e /usr/share/java/zookeeper.jar ] || echo zookeeper
}

free_ports() # COUNT: ports that nobody listens on, held open together so that they differ
{
    python3 - "$1" <<'PY'
import socket, sys
sockets = [socket.socket() for _ in range(int(sys.argv[1]))]
for s in sockets:
    s.bind(("127.0.0.1", 0))
print(*(s.getsockname()[1] for s in sockets))
PY
}

classpath()
{
    local jars=(zookeeper zookeeper-jute slf4j-api slf4j-simple netty-all netty-handler netty-transport netty-common
        netty-buffer netty-codec netty-resolver netty-transport-native-unix-common netty-transport-native-epoll
        snappy-java metrics-core commons-cli commons-io)
    local path=
    for jar in "${jars[@]}"; do
        [ -e "/usr/share/java/$jar.jar" ] && path+="/usr/share/java/$jar.jar:"
    done
    echo "${path%:}"
}

start_member() # N
{
    local dir=$DIR/$1
    setsid java -Xmx256m -XX:+UseSerialGC -Dzookeeper.admin.enableServer=false \
        -Dorg.slf4j.simpleLogger.defaultLogLevel=warn -cp "$(classpath)" \
        org.apache.zookeeper.server.quorum.QuorumPeerMain "$dir/zoo.cfg" > "$dir/log" 2>&1 < /dev/null &
    echo $! > "$DIR/pids/$1"
}

stop_member() # N SIGNAL
{
    local file=$DIR/pids/$1
    [ -e "$file" ] || return 0
    local pid
    pid=$(cat "$file")
    kill "-$2" "$pid" 2> /dev/null || true
    for _ in $(seq 50); do
        kill -0 "$pid" 2> /dev/null || break
        sleep 0.1
    done
    kill -KILL "$pid" 2> /dev/null || true
    rm -f "$file"
}

answers() # PORT: the member serves, i.e. it is part of a quorum
{
    [[ $(exec 3<> "/dev/tcp/127.0.0.1/$1" && echo srvr >&3 && timeout 2 cat <&3) == *Mode:* ]] 2> /dev/null
}

wait_serving()
{
    local ports n
    ports=$(tr , '\n' < "$DIR/address" | sed 's/.*://')
    for _ in $(seq 300); do
        n=0
        for port in $ports; do
            answers "$port" 2> /dev/null && n=$((n + 1))
        done
        [ "$n" = "$MEMBERS" ] && return 0
        sleep 0.1
    done
    echo "ZooKeeper did not reach a quorum within 30 s; logs: $DIR/*/log" >&2
    return 1
}

case $ACTION in
    stop)
        for n in $(seq $MEMBERS); do stop_member "$n" TERM; done
        exit 0
        ;;
    kill)
        stop_member "${3:?which member}" KILL
        exit 0
        ;;
    start)
        start_member "${3:?which member}"
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
mkdir -p "$DIR/pids"
read -r -a ports <<< "$(free_ports $((MEMBERS * 3)))"
servers=
address=
for n in $(seq $MEMBERS); do
    i=$(((n - 1) * 3))
    servers+="server.$n=127.0.0.1:${ports[i + 1]}:${ports[i + 2]}"$'\n'
    address+="127.0.0.1:${ports[i]},"
done
echo "${address%,}" > "$DIR/address"
for n in $(seq $MEMBERS); do
    mkdir -p "$DIR/$n/data"
    echo "$n" > "$DIR/$n/data/myid"
    cat > "$DIR/$n/zoo.cfg" <<CFG
tickTime=500
initLimit=20
syncLimit=10
dataDir=$DIR/$n/data
clientPort=${ports[(n - 1) * 3]}
clientPortAddress=127.0.0.1
admin.enableServer=false
4lw.commands.whitelist=srvr,ruok
maxClientCnxns=0
maxSessionTimeout=60000
${servers}
CFG
    start_member "$n"
done
if ! wait_serving; then
    tail -n 5 "$DIR"/*/log >&2
    "$0" "$DIR" stop
    exit 1
fi
echo "zk=$(cat "$DIR/address")"
