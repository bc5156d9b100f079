#!/usr/bin/env bash
# One Apache Kafka 4.x node (KRaft broker + controller), loopback only, data kept in DATA_DIR.
#   start.sh DATA_DIR [PORT]       foreground: this shell becomes the JVM (exec), so its pid is the broker's; log on stdout
#   start.sh -d DATA_DIR [PORT]    background: prints "PID <n>" once the port answers; log in DATA_DIR/broker.log
#   start.sh --archive             once, optional: writes lib/kafka.jsa (class data, 50 MB), which halves every later start
# PORT (default 19092) serves clients, PORT+1 the controller. TERM or INT = clean stop, KILL = crash; the same DATA_DIR starts again
# with its data. Environment: KAFKA_HEAP (384m), KAFKA_JVM_OPTS (extra flags), KAFKA_CLUSTER_ID, KAFKA_EXTRA (lines of server.properties).
set -euo pipefail
daemon=; [[ ${1:-} == -d ]] && { daemon=1; shift; }
[[ -n ${1:-} ]] || { sed -n '2,7p' "$0" >&2; exit 2; }
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
if [[ $1 == --archive ]]; then
  rm -f "$here/lib/kafka.jsa"; tmp=$(mktemp -d); trap 'rm -rf "$tmp"' EXIT
  said=$(KAFKA_JVM_OPTS="-Xlog:disable -XX:ArchiveClassesAtExit=$here/lib/kafka.jsa" "${BASH_SOURCE[0]}" -d "$tmp" 29092)
  kill "${said#PID }"; while kill -0 "${said#PID }" 2>/dev/null; do sleep 0.1; done
  ls -l "$here/lib/kafka.jsa"; exit 0
fi
data=$(mkdir -p "$1" && cd "$1" && pwd); port=${2:-19092}; cport=$((port+1))
java=${JAVA_HOME:+$JAVA_HOME/bin/}java
jars=$(printf '%s:' "$here"/lib/*.jar)   # sorted by name: a class-data archive needs the same order every time, and no folder
cp=${jars%:}
[[ $jars == *kafka_2.13-* ]] || { echo "no jars in $here/lib: run 'mvn -B -q package' there" >&2; exit 2; }
conf="$data/server.properties"
cat > "$conf" <<P
process.roles=broker,controller
node.id=1
controller.quorum.bootstrap.servers=127.0.0.1:$cport
listeners=PLAINTEXT://127.0.0.1:$port,CONTROLLER://127.0.0.1:$cport
advertised.listeners=PLAINTEXT://127.0.0.1:$port,CONTROLLER://127.0.0.1:$cport
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs=$data/logs
num.partitions=4
default.replication.factor=1
min.insync.replicas=1
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
share.coordinator.state.topic.num.partitions=1
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
group.consumer.min.session.timeout.ms=1000
group.consumer.min.heartbeat.interval.ms=500
transaction.abort.timed.out.transaction.cleanup.interval.ms=500
auto.create.topics.enable=true
num.network.threads=2
num.io.threads=4
background.threads=2
num.recovery.threads.per.data.dir=2
log.cleaner.dedupe.buffer.size=8388608
log.index.size.max.bytes=1048576
broker.session.timeout.ms=2000
broker.heartbeat.interval.ms=300
${KAFKA_EXTRA:-}
P
jvm=(-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xshare:auto -Djava.awt.headless=true
     -Dlog4j2.configurationFile="$here/conf/log4j2.properties")
[[ -e $here/lib/kafka.jsa ]] && jvm+=(-XX:SharedArchiveFile="$here/lib/kafka.jsa")
if [[ ! -e $data/logs/meta.properties ]]; then   # first start: write the cluster id and this node as the only voter
  "$java" -Xmx128m "${jvm[@]}" -cp "$cp" kafka.tools.StorageTool format --standalone --ignore-formatted \
       -t "${KAFKA_CLUSTER_ID:-MkU3OEVBNTcwNTJENDM2Qk}" -c "$conf" >&2
fi
read -ra extra <<<"${KAFKA_JVM_OPTS:-}"
run=("$java" -Xms64m -Xmx"${KAFKA_HEAP:-384m}" "${jvm[@]}" "${extra[@]}" -cp "$cp" kafka.Kafka "$conf")
[[ -n $daemon ]] || exec "${run[@]}"
setsid env --default-signal=INT,QUIT "${run[@]}" </dev/null >> "$data/broker.log" 2>&1 &
pid=$!
for _ in $(seq 1 2400); do
  if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then echo "PID $pid"; exit 0; fi
  kill -0 "$pid" 2>/dev/null || { tail -20 "$data/broker.log" >&2; exit 1; }
  sleep 0.05
done
echo "broker did not answer in 120 s" >&2; kill "$pid"; exit 1
