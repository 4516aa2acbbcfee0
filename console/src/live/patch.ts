import type { QueryClient, QueryKey } from '@tanstack/react-query';
import { keys } from '../api/keys';
import type { AnyResource, Deployment, Job, Kind, Savepoint, WeirEvent } from '../api/types';
import type { Change } from './change-log';

/** A list as the cache holds it: by id, in the order in which the server gave it. */
export type ById<T> = ReadonlyMap<string, T>;

/** The most events of one deployment that a page keeps. */
export const EVENT_LIMIT = 2000;

/** A copy of the list with the changes that belong to it. */
export function applyChanges<T extends AnyResource>(
  list: ById<T>,
  changes: readonly Change[],
  newestFirst: boolean,
): ById<T> {
  if (changes.length === 0) return list;
  const added = new Map<string, T>();
  const next = new Map(list);
  for (const { object, deleted } of changes) {
    const id = object.metadata.id;
    if (deleted) {
      next.delete(id);
      added.delete(id);
    } else if (next.has(id)) {
      next.set(id, object as T);
    } else {
      added.set(id, object as T);
    }
  }
  if (added.size === 0) return next;
  if (!newestFirst) return new Map([...next, ...added]);
  return new Map([...[...added].reverse(), ...next]);
}

function byDeployment(changes: readonly Change[]): Map<string, Change[]> {
  const groups = new Map<string, Change[]>();
  for (const change of changes) {
    const id = change.object.metadata.deploymentId ?? '';
    const group = groups.get(id);
    if (group) group.push(change);
    else groups.set(id, [change]);
  }
  return groups;
}

function patchList<T extends AnyResource>(
  queries: QueryClient,
  key: QueryKey,
  changes: readonly Change[],
  newestFirst: boolean,
): void {
  queries.setQueryData<ById<T>>(key, (old) => old && applyChanges(old, changes, newestFirst));
}

function patchDeployments(queries: QueryClient, changes: readonly Change[]): void {
  patchList<Deployment>(queries, keys.deployments, changes, false);
  for (const { object, deleted } of changes) {
    const key = keys.deployment(object.metadata.name ?? '');
    if (queries.getQueryData(key) === undefined) continue;
    if (deleted) void queries.invalidateQueries({ queryKey: key });
    else queries.setQueryData(key, object);
  }
}

function patchJobs(queries: QueryClient, changes: readonly Change[]): void {
  for (const [id, group] of byDeployment(changes))
    patchList<Job>(queries, keys.jobs(id), group, true);
  for (const { object } of changes)
    queries.setQueryData(keys.job(object.metadata.id), (old?: Job) => old && object);
}

/** A page that is open for days must not hold everything that happened. */
function newestOnly(events: ById<WeirEvent>): ById<WeirEvent> {
  return events.size <= EVENT_LIMIT ? events : new Map([...events].slice(0, EVENT_LIMIT));
}

function patchEvents(queries: QueryClient, changes: readonly Change[]): void {
  for (const [id, group] of byDeployment(changes)) {
    queries.setQueryData<ById<WeirEvent>>(keys.events(id), (old) => old && newestOnly(applyChanges(old, group, true)));
    const newest = group.findLast((change) => !change.deleted);
    if (newest)
      queries.setQueryData(keys.lastEvent(id), (old?: WeirEvent | null) =>
        old === undefined ? undefined : (newest.object as WeirEvent),
      );
  }
}

function patchSavepoints(queries: QueryClient, changes: readonly Change[]): void {
  for (const [id, group] of byDeployment(changes))
    patchList<Savepoint>(queries, keys.savepoints(id), group, true);
}

/** The id of the deployment for which the server computes something from what changed. */
export function derivedFrom({ kind, object }: Change): string | undefined {
  if (kind === 'Deployment') return object.metadata.id;
  return kind === 'Job' || kind === 'Savepoint' ? object.metadata.deploymentId : undefined;
}

/** What the server computes from these kinds is asked again, where it is shown. */
function invalidateDerived(queries: QueryClient, changes: readonly Change[]): void {
  for (const id of new Set(changes.map(derivedFrom)))
    if (id !== undefined) void queries.invalidateQueries({ queryKey: keys.derived(id) });
  const changed = new Set(changes.map(({ kind }) => kind));
  if (changed.has('DeploymentTarget')) void queries.invalidateQueries({ queryKey: keys.targets });
  if (changed.has('SessionCluster')) void queries.invalidateQueries({ queryKey: keys.sessionClusters });
  if (changed.has('Job')) void queries.invalidateQueries({ queryKey: keys.sessionJobs });
  if (changed.has('DeploymentDefaults'))
    void queries.invalidateQueries({ queryKey: keys.defaults });
  if (changed.has('SecretValue')) void queries.invalidateQueries({ queryKey: keys.secrets });
}

/** Brings every query that shows what changed up to date. */
export function patchCache(queries: QueryClient, changes: readonly Change[]): void {
  const kinds = new Map<Kind, Change[]>();
  for (const change of changes) {
    const group = kinds.get(change.kind);
    if (group) group.push(change);
    else kinds.set(change.kind, [change]);
  }
  const deployments = kinds.get('Deployment');
  if (deployments) patchDeployments(queries, deployments);
  const jobs = kinds.get('Job');
  if (jobs) patchJobs(queries, jobs);
  const savepoints = kinds.get('Savepoint');
  if (savepoints) patchSavepoints(queries, savepoints);
  const events = kinds.get('Event');
  if (events) patchEvents(queries, events);
  invalidateDerived(queries, changes);
}
