import i18next from 'i18next';
import { useSyncExternalStore } from 'react';
import { preferences } from '../app/preferences';

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(zone: string | undefined, withMilliseconds: boolean): Intl.DateTimeFormat {
  const key = `${zone ?? ''}|${withMilliseconds}`;
  let format = formats.get(key);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('sv-SE', {
      timeZone: zone,
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
      hourCycle: 'h23',
      ...(withMilliseconds ? { fractionalSecondDigits: 3 as const } : {}),
    });
    formats.set(key, format);
  }
  return format;
}

/** "local" is the browser's own zone; an unknown name falls back to it. */
export function usableZone(zone: string): string | undefined {
  if (zone === 'local') return undefined;
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return zone;
  } catch {
    return undefined;
  }
}

/** "2026-11-25 21:28:24" in the zone of the preferences. */
export function formatTime(time: string | Date, withMilliseconds = false): string {
  const date = typeof time === 'string' ? new Date(time) : time;
  if (Number.isNaN(date.getTime())) return String(time);
  return formatOf(usableZone(preferences().timeZone), withMilliseconds)
    .format(date)
    .replace(',', '.');
}

export function formatUtc(time: string): string {
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? time : `${formatOf('UTC', true).format(date).replace(',', '.')} UTC`;
}

/** The name of the zone in which times are shown: "Europe/Berlin". */
export function shownZone(): string {
  return usableZone(preferences().timeZone) ?? new Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** "850 ms", "12 s", "3 min 5 s", "2 h 10 min", "4 d 3 h". */
export function formatDuration(milliseconds: number): string {
  if (milliseconds < 0) return formatDuration(0);
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  const seconds = Math.floor(milliseconds / 1000);
  if (seconds < 10) return `${(milliseconds / 1000).toFixed(1)} s`;
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min${seconds % 60 ? ` ${seconds % 60} s` : ''}`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours} h${minutes % 60 ? ` ${minutes % 60} min` : ''}`;
  return `${Math.floor(hours / 24)} d${hours % 24 ? ` ${hours % 24} h` : ''}`;
}

/** "12 s", "3 min", "5 h", "2 d": one unit, for ages in tables. */
export function formatAge(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86_400)} d`;
}

export function formatNumber(value: number, digits = 0): string {
  return new Intl.NumberFormat(i18next.language, { maximumFractionDigits: digits }).format(value);
}

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

/** "1.5 GiB". */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${formatNumber(value, unit === 0 || value >= 100 ? 0 : 1)} ${UNITS[unit]}`;
}

// One clock for all ages on the page.
const tickListeners = new Set<() => void>();
let now = Date.now();
let ticking: number | undefined;

function onTick(listener: () => void): () => void {
  tickListeners.add(listener);
  ticking ??= window.setInterval(() => {
    now = Date.now();
    for (const tick of tickListeners) tick();
  }, 1000);
  return () => {
    tickListeners.delete(listener);
    if (tickListeners.size > 0) return;
    window.clearInterval(ticking);
    ticking = undefined;
  };
}

/** The time, to the second. */
export function useNow(): number {
  return useSyncExternalStore(onTick, () => now);
}
