import { QueryClient } from '@tanstack/react-query';
import { expect, it } from 'vitest';
import { keys } from '../api/keys';
import type { AnyResource, Deployment, WeirEvent } from '../api/types';
import type { Change } from './change-log';
import { applyChanges, type ById, EVENT_LIMIT, patchCache } from './patch';

function change(kind: Change['kind'], id: string, more: object = {}, deleted = false): Change {
  return { kind, deleted, object: { metadata: { id, ...more } } as AnyResource };
}
const list = (...ids: string[]): ById<Deployment> =>
  new Map(ids.map((id) => [id, { metadata: { id, name: id } } as Deployment]));

it('adds at the right end, replaces in place, takes away', () => {
  const old = list('a', 'b');
  const changes = [change('Deployment', 'c'), change('Deployment', 'a', { name: 'new' }), change('Deployment', 'b', {}, true)];
  expect([...applyChanges(old, changes, false).keys()]).toEqual(['a', 'c']);
  expect([...applyChanges(old, changes, true).keys()]).toEqual(['c', 'a']);
  expect(applyChanges(old, changes, false).get('a')?.metadata.name).toBe('new');
  expect([...old.keys()]).toEqual(['a', 'b']);
});

it('newest first keeps the order of several additions', () => {
  const changes = [change('Event', '1'), change('Event', '2')];
  expect([...applyChanges(list('0'), changes, true).keys()]).toEqual(['2', '1', '0']);
});

it('what comes and goes within one batch is not there', () => {
  const changes = [change('Deployment', 'x'), change('Deployment', 'x', {}, true)];
  expect(applyChanges(list(), changes, false).size).toBe(0);
});

it('patches only what somebody has read', () => {
  const queries = new QueryClient();
  queries.setQueryData(keys.deployments, list('a'));
  queries.setQueryData(keys.deployment('a'), list('a').get('a'));
  queries.setQueryData(keys.events('a'), new Map());
  queries.setQueryData(keys.lastEvent('a'), null);
  patchCache(queries, [
    change('Deployment', 'a', { name: 'a', resourceVersion: 2 }),
    change('Event', 'e', { deploymentId: 'a' }),
    change('Event', 'f', { deploymentId: 'unread' }),
  ]);
  expect(queries.getQueryData<ById<Deployment>>(keys.deployments)?.get('a')?.metadata.resourceVersion).toBe(2);
  expect(queries.getQueryData<Deployment>(keys.deployment('a'))?.metadata.resourceVersion).toBe(2);
  expect(queries.getQueryData<WeirEvent>(keys.lastEvent('a'))?.metadata.id).toBe('e');
  expect(queries.getQueryData(keys.events('unread'))).toBeUndefined();
  expect(queries.getQueryData(keys.lastEvent('unread'))).toBeUndefined();
});

it('keeps only the newest events', () => {
  const queries = new QueryClient();
  queries.setQueryData(keys.events('a'), new Map());
  const many = Array.from({ length: EVENT_LIMIT + 5 }, (_, index) => change('Event', `e${index}`, { deploymentId: 'a' }));
  patchCache(queries, many);
  const kept = [...(queries.getQueryData<ById<WeirEvent>>(keys.events('a'))?.keys() ?? [])];
  expect(kept.length).toBe(EVENT_LIMIT);
  expect(kept[0]).toBe(`e${EVENT_LIMIT + 4}`);
  expect(kept.at(-1)).toBe('e5');
});

it('asks again for what the server computes', () => {
  const queries = new QueryClient();
  queries.setQueryData(keys.restorePoints('a'), {});
  queries.setQueryData(keys.restorePoints('b'), {});
  patchCache(queries, [change('Savepoint', 's', { deploymentId: 'a' })]);
  expect(queries.getQueryState(keys.restorePoints('a'))?.isInvalidated).toBe(true);
  expect(queries.getQueryState(keys.restorePoints('b'))?.isInvalidated).toBe(false);
});
