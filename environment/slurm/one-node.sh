#!/usr/bin/env bash
# A Slurm cluster of this one machine, without systemd, to try `npm run train -- <sweep> --on slurm`:
#
#   apt-get install --no-install-recommends slurmctld slurmd slurm-client munge
#   environment/slurm/one-node.sh start DIR      then   export SLURM_CONF=DIR/slurm.conf
#   environment/slurm/one-node.sh stop DIR
#
# DIR takes configuration, logs and state. Everything listens on 127.0.0.1 alone; the machine's own Slurm, if it has one, is not touched.
# PORT (default 16817, and the one after it), MAX_ARRAY_SIZE (1001) and REQUEUE_DELAY are taken from the environment.
set -euo pipefail
action=${1:-} dir=$(realpath -m "${2:?usage: one-node.sh start|stop DIR}")

stop() {
  local name pid
  for name in slurmd slurmctld munged; do
    [ -f "$dir/$name.pid" ] || continue
    pid=$(cat "$dir/$name.pid")
    kill "$pid" 2>/dev/null || true
    for _ in $(seq 50); do kill -0 "$pid" 2>/dev/null || break; sleep 0.1; done
    rm -f "$dir/$name.pid"
  done
}

start() {
  local name host user port
  for name in munged slurmctld slurmd; do
    command -v "$name" >/dev/null || PATH=$PATH:/usr/sbin:/sbin
    command -v "$name" >/dev/null || { echo "$name is not installed; see the head of this script" >&2; exit 1; }
  done
  host=$(hostname -s) user=$(id -un) port=${PORT:-16817}
  mkdir -p "$dir/state" "$dir/spool"
  chmod 0755 "$dir"
  [ -f "$dir/munge.key" ] || (umask 077 && head -c 1024 /dev/urandom >"$dir/munge.key")
  cat >"$dir/slurm.conf" <<CONF
ClusterName=one-node
SlurmctldHost=$host(127.0.0.1)
CommunicationParameters=NoCtldInAddrAny,NoInAddrAny
SlurmUser=$user
SlurmdUser=$user
AuthType=auth/munge
AuthInfo=socket=$dir/munge.socket
CredType=cred/munge
SlurmctldPort=$port
SlurmdPort=$((port + 1))
SlurmctldPidFile=$dir/slurmctld.pid
SlurmdPidFile=$dir/slurmd.pid
SlurmctldLogFile=$dir/slurmctld.log
SlurmdLogFile=$dir/slurmd.log
StateSaveLocation=$dir/state
SlurmdSpoolDir=$dir/spool
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SwitchType=switch/none
MpiDefault=none
ReturnToService=2
MaxArraySize=${MAX_ARRAY_SIZE:-1001}
KillWait=30
# A requeued job would otherwise wait two minutes.
SchedulerParameters=batch_sched_delay=1,sched_interval=5
NodeName=$host NodeAddr=127.0.0.1 CPUs=$(nproc) State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
CONF
  export SLURM_CONF=$dir/slurm.conf
  munged --force --key-file="$dir/munge.key" --socket="$dir/munge.socket" --pid-file="$dir/munged.pid" \
    --log-file="$dir/munged.log" --seed-file="$dir/munged.seed"
  slurmctld -c
  slurmd
  for _ in $(seq 100); do
    if sinfo --noheader --format=%T 2>/dev/null | grep -q idle; then
      echo "one-node Slurm is up: export SLURM_CONF=$SLURM_CONF"
      return
    fi
    sleep 0.2
  done
  echo "Slurm did not come up; see $dir/*.log" >&2
  exit 1
}

case $action in
  start) start ;;
  stop) stop ;;
  *) echo "usage: one-node.sh start|stop DIR" >&2; exit 2 ;;
esac
