/** Name of the guard among processes; its directory follows. */
export const GUARD_NAME = 'signalbox-vrrp-guard';

/** Files in the directory of a guard. */
export const GUARD_FILES = {
  config: 'keepalived.conf',
  /** Commands for `ip -batch` that take away all that keepalived may have put on interfaces. */
  removal: 'removal',
  guardPid: 'guard.pid',
  /** Of the two processes of keepalived. */
  parentPid: 'keepalived.pid',
  routerPid: 'vrrp.pid',
  /** Fifo to which keepalived tells who leads. */
  events: 'events',
  log: 'log',
  /** A text that is looked at before it takes the place of the file. */
  tried: 'keepalived.conf.tried',
  /** Written by keepalived on SIGUSR1. */
  dump: 'keepalived.data',
} as const;

/**
 * The guard of keepalived, a program for `sh`: `$1` its directory, `$2` keepalived, `$3` ip. It outlives the agent, which is why it is
 * no part of it, and it is a shell because it has to be small and there whenever the agent is.
 *
 * A keepalived that is killed leaves its addresses on the node, while another node leads already. So the guard starts it in a pipe
 * whose other end sees when the last of its processes has ended, however that came about, and takes the addresses away. That end goes on when
 * the guard is killed; keepalived ends in order then, because the kernel tells it (PR_SET_PDEATHSIG). Only when all of them are killed at one time
 * are addresses left, and the next guard begins by taking them away. The lock is held by all of these processes, so the next one
 * begins when the last has ended. Without a file for keepalived it takes away what was left, and ends.
 */
export const GUARD_SCRIPT = `
dir=$1 keepalived=$2 ip=$3
cd "$dir" || exit 1
umask 077
# keepalived writes what it says of itself there
export TMPDIR="$dir"
runs() {
  read -r pid <"$1" && grep -qsF "$2" "/proc/$pid/cmdline"
} 2>/dev/null
tell() {
  for file in ${GUARD_FILES.parentPid} ${GUARD_FILES.routerPid}; do
    runs $file "$dir/${GUARD_FILES.config}" && kill "-$1" "$pid"
  done
} 2>/dev/null
is_over() {
  ! runs ${GUARD_FILES.parentPid} "$dir/${GUARD_FILES.config}" && ! runs ${GUARD_FILES.routerPid} "$dir/${GUARD_FILES.config}"
}
end() {
  looks=0
  while ! is_over; do
    [ $looks = 0 ] && tell TERM
    [ $looks = 30 ] && tell KILL
    [ $looks = 60 ] && return
    looks=$((looks + 1))
    sleep 0.1 9>&-
  done
}
take_away() {
  [ -s ${GUARD_FILES.removal} ] && "$ip" -force -batch ${GUARD_FILES.removal}
} >/dev/null 2>&1

runs ${GUARD_FILES.guardPid} "$dir" && [ "$pid" != $$ ] && exit 0
stop= pause=1
trap 'stop=1; tell TERM' TERM INT
trap 'pause=1' USR1
exec 9>>lock
end
flock -w 10 9 || exit 1
echo $$ >${GUARD_FILES.guardPid}
[ -p ${GUARD_FILES.events} ] || { rm -f ${GUARD_FILES.events}; mkfifo ${GUARD_FILES.events}; }

while [ -z "$stop" ] && [ -f ${GUARD_FILES.config} ]; do
  take_away
  find ${GUARD_FILES.log} -size +1024k -exec truncate -s 0 {} + 2>/dev/null
  began=$(date +%s)
  setpriv --pdeathsig TERM "$keepalived" -n -P -R -l -G -f "$dir/${GUARD_FILES.config}" \\
    -p "$dir/${GUARD_FILES.parentPid}" -r "$dir/${GUARD_FILES.routerPid}" 8>&1 >>${GUARD_FILES.log} 2>&1 </dev/null |
    { trap '' TERM INT; while read -r line; do :; done; take_away; } &
  job=$!
  while kill -0 $job 2>/dev/null; do wait $job; done
  # when only the other end of the pipe was killed
  end
  [ -n "$stop" ] && break
  [ $(($(date +%s) - began)) -lt 30 ] || pause=1
  sleep $pause 9>&- &
  wait $!
  pause=$((pause * 2))
  [ $pause -gt 30 ] && pause=30
done
take_away
rm -f ${GUARD_FILES.parentPid} ${GUARD_FILES.routerPid} ${GUARD_FILES.guardPid}
`;
