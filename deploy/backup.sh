#!/bin/sh
# A backup of the store each night at 01:00 local time, and the oldest away. BACKUP_ONCE=1 makes one now and ends.
set -u
export TZ=Asia/Ho_Chi_Minh
trap 'exit 0' TERM INT
folder=${BACKUP_FOLDER:-/backup}
keep=${BACKUP_KEEP:-14}

a_backup() {
    if ! hanhtrinh db backup "$folder/hanhtrinh-$(date +%Y-%m-%d-%H%M%S).dump"; then
        echo "backup: failed; those from before are left as they are" >&2
        return 1
    fi
    # The oldest go, each with its account beside it.
    find "$folder" -name 'hanhtrinh-*.dump' | sort -r | tail -n +"$((keep + 1))" | while read -r old; do
        rm -f "$old" "$old".*
    done
}

if [ -n "${BACKUP_ONCE:-}" ]; then
    a_backup
    exit
fi
while :; do
    now=$(date +%s)
    next=$(date -d "today 01:00" +%s)
    [ "$next" -gt "$now" ] || next=$(date -d "tomorrow 01:00" +%s)
    sleep "$((next - now))" &
    wait $!
    a_backup
done
