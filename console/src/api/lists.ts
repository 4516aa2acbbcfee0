import { applyChanges, type ById } from '../live/patch';
import { changeLog, feedStarted } from '../live/live';
import type { AnyResource, Kind } from './types';

/**
 * Reads a list and lays over it what the feed told meanwhile, so that an answer that was long on its
 * way does not undo newer changes.
 * @param belongs which changes of that kind are of this list
 */
export async function readList<T extends AnyResource>(
  kind: Kind,
  read: () => Promise<{ items?: unknown[] }>,
  newestFirst: boolean,
  belongs: (object: AnyResource) => boolean = () => true,
): Promise<ById<T>> {
  await feedStarted;
  const mark = changeLog.mark();
  const { items = [] } = await read();
  const list = new Map((items as T[]).map((item) => [item.metadata.id, item]));
  const missed = changeLog
    .since(mark)
    .filter((change) => change.kind === kind && belongs(change.object));
  return applyChanges<T>(list, missed, newestFirst);
}
