import { applyChanges, type ById } from '../live/patch';
import { changeLog, feedStarted } from '../live/live';
import type { Change } from '../live/change-log';
import type { AnyResource, Kind, KindMap } from './types';

/**
 * Reads, and makes of the answer what holds now: an answer that was long on its way does not undo
 * what the feed told meanwhile.
 * @param settle gets the answer and what the feed told since it was asked for; undefined: ask again
 */
async function readCurrent<T>(read: () => Promise<T>, settle: (answer: T, told: readonly Change[]) => T | undefined): Promise<T> {
  await feedStarted;
  for (;;) {
    const reading = changeLog.begin();
    try {
      const answer = await read();
      const told = reading.end();
      const settled = told && settle(answer, told);
      if (settled !== undefined) return settled;
    } finally {
      reading.end();
    }
  }
}

/** @param belongs which changes of that kind are of this list */
export async function readList<T extends AnyResource>(
  kind: Kind,
  read: () => Promise<{ items?: unknown[] }>,
  newestFirst: boolean,
  belongs: (object: AnyResource) => boolean = () => true,
): Promise<ById<T>> {
  const asList = async (): Promise<ById<T>> => new Map(((await read()).items as T[] | undefined)?.map((item) => [item.metadata.id, item]));
  return readCurrent(asList, (list, told) =>
    applyChanges<T>(list, told.filter((change) => change.kind === kind && belongs(change.object)), newestFirst),
  );
}

/** The newest of the answer and what the feed told of it; undefined if it was deleted. */
function newest<K extends Kind>(kind: K, answer: KindMap[K] | null, told: readonly Change[], isIt: (object: AnyResource) => boolean) {
  const last = told.findLast((change) => change.kind === kind && isIt(change.object));
  if (last === undefined) return answer;
  return last.deleted ? undefined : (last.object as KindMap[K]);
}

/** @param isIt whether a change of that kind is of what is read */
export async function readOne<K extends Kind>(
  kind: K,
  read: () => Promise<KindMap[K] | null>,
  isIt: (object: AnyResource) => boolean,
): Promise<KindMap[K] | null> {
  return readCurrent(read, (answer, told) => newest(kind, answer, told, isIt));
}

/** What the server computes from resources: read again if one of them changed meanwhile. */
export async function readDerived<T>(read: () => Promise<T>, isSource: (change: Change) => boolean): Promise<T> {
  return readCurrent(read, (answer, told) => (told.some(isSource) ? undefined : answer));
}

/** What a write answered, or what the feed told of the same thing before the answer was there. */
export async function answerOf<K extends Kind>(kind: K, write: () => Promise<KindMap[K]>): Promise<KindMap[K]> {
  const reading = changeLog.begin();
  try {
    const answer = await write();
    return newest(kind, answer, reading.end() ?? [], ({ metadata }) => metadata.id === answer.metadata.id) ?? answer;
  } finally {
    reading.end();
  }
}
