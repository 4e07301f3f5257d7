# Runs a command for as long as whoever started this script lives, and leaves
# nothing behind: sh -c "$(cat guard.sh)" guard SIGNAL FOLDER COMMAND...
#
# Standard input is a pipe that nobody writes to. It ends when the one who
# holds it closes it, ends, panics or is killed: the kernel sees to that.
signal=$1 folder=$2
shift 2
exec 3<&0
"$@" </dev/null 3<&- &
child=$!
{
  while read -r _; do :; done
  # More than once: a shell that is about to become Postgres hears nothing yet.
  while [ ! -e "$folder/ended" ] && kill -s "$signal" "$child" 2>/dev/null; do sleep 0.05; done
} <&3 &
wait "$child"
echo "$?" >"$folder/ended"
wait
rm -rf "$folder"
