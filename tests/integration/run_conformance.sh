#!/usr/bin/env bash
# Runs the conformance suites of ObjectStore and Keeper against real servers: Ceph RGW and a three-member ZooKeeper.
#   run_conformance.sh [BUILD_DIR]     default build/release; the targets object_store_test and keeper_test are built
# Starts both servers in a temporary folder, stops them whatever happens. Bounded: about 1 minute, at most 8.
set -euo pipefail
ROOT=$(cd "$(dirname "$0")/../.." && pwd)
BUILD=${1:-$ROOT/build/release}
SERVERS=$ROOT/tests/integration/servers
DIR=$(mktemp -d "${TMPDIR:-/tmp}/conformance.XXXXXX")

cleanup()
{
    "$SERVERS/zookeeper_ensemble.sh" "$DIR/zookeeper" stop || true
    "$SERVERS/s3_server.sh" "$DIR/s3" stop || true
    rm -rf "$DIR"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

ninja -C "$BUILD" object_store_test keeper_test

timeout 150 "$SERVERS/s3_server.sh" "$DIR/s3" > "$DIR/s3.out"
MANGROVE_TEST_S3=$(sed -n 's/^s3=//p' "$DIR/s3.out")
timeout 60 "$SERVERS/zookeeper_ensemble.sh" "$DIR/zookeeper" > "$DIR/zookeeper.out"
MANGROVE_TEST_ZK=$(sed -n 's/^zk=//p' "$DIR/zookeeper.out")
# With these two the suites may also kill and restart the servers.
MANGROVE_TEST_S3_SERVER="$SERVERS/s3_server.sh $DIR/s3"
MANGROVE_TEST_ZK_SERVER="$SERVERS/zookeeper_ensemble.sh $DIR/zookeeper"
export MANGROVE_TEST_S3 MANGROVE_TEST_ZK MANGROVE_TEST_S3_SERVER MANGROVE_TEST_ZK_SERVER

echo "S3 server: $(radosgw --version)"
timeout 120 "$(find "$BUILD" -type f -name object_store_test)" --gtest_brief=1 --gtest_filter='*/s3:S3Server.*'
echo "ZooKeeper: $(dpkg-query -W -f '${Version}' zookeeper), three members"
timeout 120 "$(find "$BUILD" -type f -name keeper_test)" --gtest_brief=1 --gtest_filter='*/zookeeper:ZooKeeperServer.*'
