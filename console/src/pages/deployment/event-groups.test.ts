import { expect, it } from 'vitest';
import type { WeirEvent } from '../../api/types';
import { groupEvents, newestOf } from './event-groups';

function event(id: string, jobId: string | undefined, transitionId: string | undefined, level = 'INFO'): WeirEvent {
  return { metadata: { id, jobId }, spec: { message: `m${id}`, level, transitionId } } as WeirEvent;
}

it('groups by transition, else by job, and takes the worst level', () => {
  const groups = groupEvents([
    event('6', 'j2', 't2'),
    event('5', undefined, 't2', 'ERROR'),
    event('4', 'j1', undefined, 'WARNING'),
    event('3', 'j1', undefined),
    event('2', undefined, undefined),
    event('1', undefined, 't1'),
  ]);
  expect(groups.map(({ first, jobId, level, events }) => [first?.spec?.message, jobId, level, events.length])).toEqual([
    ['m5', 'j2', 'ERROR', 2],
    [undefined, 'j1', 'WARNING', 2],
    [undefined, undefined, 'INFO', 1],
    ['m1', undefined, 'INFO', 1],
  ]);
});

it('cuts off what is old, and still knows how a group began', () => {
  const groups = groupEvents([event('5', 'j2', 't2'), event('4', 'j2', 't2'), event('3', 'j1', 't1'), event('2', 'j1', 't1'), event('1', 'j0', 't0')]);
  const shown = newestOf(groups, 3);
  expect(shown.map(({ first, events, count }) => [first?.spec?.message, events.length, count])).toEqual([
    ['m4', 2, 2],
    ['m2', 1, 2],
  ]);
});
