import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { server as en } from './en/server';
import { server as zh } from './zh/server';

const SOURCES = '../src';
const names = (text: string, pattern: RegExp) => [...new Set([...text.matchAll(pattern)].map((found) => found[1] as string))].sort();
const sources = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' })
  .filter((file) => /(?<!_test)\.(cpp|h)$/.test(file))
  .map((file) => readFileSync(`${SOURCES}/${file}`, 'utf8'))
  .join('\n');

it('every event of the server has words in both languages', () => {
  const events = names(readFileSync(`${SOURCES}/model/event_names.h`, 'utf8'), /"([A-Z_]+)"/g);
  expect(events.length).toBeGreaterThan(40);
  expect(Object.keys(en.event).sort()).toEqual(events);
  expect(Object.keys(zh.event).sort()).toEqual(events);
});

it('every kind of a field error has words', () => {
  expect(Object.keys(zh.fieldError).sort()).toEqual(names(sources, /"(is[A-Z]\w+)"/g));
});

it('every reason of an event has words, and every condition', () => {
  const reasons = names(sources, /EventLevel::[A-Z]+,\s*"(\w+)"/g);
  expect(reasons).toContain('TaskManagerEnded');
  expect(reasons.filter((reason) => !(reason in zh.reason))).toEqual([]);
  const conditions = names(sources, /make\("\w+", "\w+", "(\w+)"/g);
  expect(conditions).toContain('NoAnswer');
  expect(conditions.filter((reason) => !(reason in zh.reason))).toEqual([]);
});

it('no reason has words that the server never gives', () => {
  expect(Object.keys(en.reason).filter((reason) => !sources.includes(`"${reason}"`))).toEqual([]);
});
