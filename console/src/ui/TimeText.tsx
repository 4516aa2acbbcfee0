import { formatAge, formatTime, formatUtc, useNow } from '../format/time';
import { usePreferences } from '../app/preferences';

/** A time in the chosen zone; the UTC value on hover. */
export function TimeText({ time, milliseconds }: { time?: string | null; milliseconds?: boolean }) {
  usePreferences();
  if (!time) return <span aria-hidden="true">–</span>;
  return (
    <time dateTime={time} title={formatUtc(time)} className="nowrap">
      {formatTime(time, milliseconds)}
    </time>
  );
}

/** How long ago; the time itself on hover. */
export function Age({ time }: { time?: string | null }) {
  const now = useNow();
  usePreferences();
  if (!time) return <span aria-hidden="true">–</span>;
  return (
    <time dateTime={time} title={`${formatTime(time)}\n${formatUtc(time)}`} className="nowrap">
      {formatAge(now - Date.parse(time))}
    </time>
  );
}
