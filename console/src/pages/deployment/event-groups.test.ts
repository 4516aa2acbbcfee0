import { expect, it } from 'vitest';
import type { WeirEvent } from '../../api/types';
import { groupEvents } from './event-groups';

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
