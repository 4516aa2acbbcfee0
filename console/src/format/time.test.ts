import { beforeEach, expect, it } from 'vitest';
import { setPreferences } from '../app/preferences';
import { formatAge, formatBytes, formatDuration, formatTime, formatUtc, usableZone } from './time';

beforeEach(() => setPreferences({ timeZone: 'UTC' }));

it('writes times in the chosen zone, and in UTC', () => {
  const time = '2026-07-01T22:30:05.250Z';
  expect(formatTime(time)).toBe('2026-07-01 22:30:05');
  setPreferences({ timeZone: 'Asia/Shanghai' });
  expect(formatTime(time)).toBe('2026-07-02 06:30:05');
  expect(formatTime(time, true)).toBe('2026-07-02 06:30:05.250');
  expect(formatUtc(time)).toBe('2026-07-01 22:30:05.250 UTC');
});

it('an unknown zone is the browser’s own', () => {
  expect(usableZone('Mars/Olympus')).toBeUndefined();
  expect(formatTime('nonsense')).toBe('nonsense');
});

it.each([
  [-5, '0 ms'],
  [850, '850 ms'],
  [1500, '1.5 s'],
  [59_000, '59 s'],
  [185_000, '3 min 5 s'],
  [7_800_000, '2 h 10 min'],
  [90_000_000, '1 d 1 h'],
])('%d ms is %s', (milliseconds, text) => expect(formatDuration(milliseconds)).toBe(text));

it('ages have one unit', () => {
  expect([0, 59_999, 60_000, 3_599_000, 86_400_000].map(formatAge)).toEqual(['0 s', '59 s', '1 min', '59 min', '1 d']);
});

it('bytes have binary units', () => {
  expect([0, 1023, 1536, 5 * 1024 ** 3].map(formatBytes)).toEqual(['0 B', '1,023 B', '1.5 KiB', '5 GiB']);
});
