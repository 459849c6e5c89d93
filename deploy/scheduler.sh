#!/bin/sh
# What a day needs, once a day at 02:30 local time: partitions and hourly sums, the list of the latest closed week, old
# rejections, a backup. Each may be run again without harm. SCHEDULER_ONCE=1 does it now and ends.
set -u
export TZ=Asia/Ho_Chi_Minh
trap 'exit 0' TERM INT
lists=${SCHEDULER_LISTS:-/lists}
backups=${SCHEDULER_BACKUPS:-/backup}
grace=${HANHTRINH_LIST_GRACE_DAYS:-5}
keep_backups=${SCHEDULER_KEEP_BACKUPS:-14}
failed=0

run() {
    "$@" && return 0
    echo "scheduler: failed: $*" >&2
    failed=1
}

a_day() {
    failed=0
    run hanhtrinh db keep
    run hanhtrinh list publish --week "$(date -d "$((grace + 7)) days ago" +%G-W%V)" --folder "$lists"
    [ -z "${HANHTRINH_REJECTION_DAYS:-}" ] || run hanhtrinh rejections prune
    run hanhtrinh db backup "$backups/hanhtrinh-$(date +%Y-%m-%d-%H%M%S).dump"
    # The oldest go, each with its account beside it.
    find "$backups" -name 'hanhtrinh-*.dump' | sort -r | tail -n +"$((keep_backups + 1))" | while read -r old; do
        rm -f "$old" "$old".*
    done
}

if [ -n "${SCHEDULER_ONCE:-}" ]; then
    a_day
    exit "$failed"
fi
while :; do
    now=$(date +%s)
    next=$(date -d "today 02:30" +%s)
    [ "$next" -gt "$now" ] || next=$(date -d "tomorrow 02:30" +%s)
    sleep "$((next - now))" &
    wait $!
    a_day
done
