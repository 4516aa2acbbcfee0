import { expect, it } from 'vitest';
import { filterLines, LINE_LIMIT, LogLines } from './log-lines';

it('cuts lines however they arrive, and gives a stack trace the level of its entry', () => {
  const log = new LogLines();
  log.push('2026-11-25 10:00:00,123 INFO  org.apache.flink.A - up\n2026-11-25 10:00:01,0');
  log.push('00 ERROR org.apache.flink.B - down\r\n\tat a.b(C.java:1)\nend');
  log.end();
  expect(log.lines.map(({ number, level, text }) => [number, level, text.trim()])).toEqual([
    [1, 'INFO', '2026-11-25 10:00:00,123 INFO  org.apache.flink.A - up'],
    [2, 'ERROR', '2026-11-25 10:00:01,000 ERROR org.apache.flink.B - down'],
    [3, 'ERROR', 'at a.b(C.java:1)'],
    [4, 'ERROR', 'end'],
  ]);
  expect(filterLines(log.lines, 'WARN', '').length).toBe(3);
  expect(filterLines(log.lines, 'ALL', 'UP').map(({ number }) => number)).toEqual([1]);
});

it('does not take words in a message for a level', () => {
  const log = new LogLines();
  log.push('a sentence that speaks of an ERROR somewhere\n');
  expect(log.lines[0]?.level).toBeUndefined();
});

it('forgets the oldest', () => {
  const log = new LogLines();
  log.push(Array.from({ length: LINE_LIMIT + 10 }, (_, index) => `line ${index}`).join('\n') + '\n');
  expect(log.lines.length).toBe(LINE_LIMIT);
  expect(log.lines[0]?.number).toBe(11);
});
