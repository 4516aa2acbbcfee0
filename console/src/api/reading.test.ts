import { QueryClient, QueryObserver } from '@tanstack/react-query';
import { beforeEach, expect, it, vi } from 'vitest';
import { ChangeLog, type Change } from '../live/change-log';
import { type ById, patchCache } from '../live/patch';
import { keys } from './keys';
import { answerOf, readDerived, readList, readOne } from './reading';
import type { AnyResource, Deployment, Kind } from './types';

const log = vi.hoisted(() => ({ current: undefined as unknown as ChangeLog }));
vi.mock('../live/live', () => ({
  feedStarted: Promise.resolve(),
  get changeLog() {
    return log.current;
  },
}));

function deployment(id: string, state: string): Deployment {
  return { metadata: { id, name: id }, status: { state } } as Deployment;
}
const told = (object: AnyResource, kind: Kind = 'Deployment', deleted = false): Change => ({ kind, deleted, object });

/** Answers of a server that come when the test says so. */
class Answers<T> {
  private waiting: ((answer: T) => void)[] = [];
  asked = 0;
  read = () => {
    this.asked += 1;
    return new Promise<T>((resolve) => this.waiting.push(resolve));
  };
  async give(answer: T) {
    await vi.waitFor(() => expect(this.waiting.length).toBeGreaterThan(0));
    this.waiting.shift()?.(answer);
  }
}

let queries: QueryClient;
beforeEach(() => {
  log.current = new ChangeLog();
  queries = new QueryClient();
});

/** What live.ts does with changes that the feed hands on. */
function arrive(...changes: Change[]) {
  log.current.add(changes);
  patchCache(queries, changes);
}
/** What live.ts does when the feed begins anew. */
function miss() {
  log.current.gap();
  void queries.invalidateQueries();
}

function show(answers: Answers<{ items: Deployment[] }>) {
  const observer = new QueryObserver<ById<Deployment>>(queries, {
    queryKey: keys.deployments,
    structuralSharing: false,
    queryFn: () => readList<Deployment>('Deployment', answers.read, false),
  });
  observer.subscribe(() => {});
  return async () => {
    await vi.waitFor(() => expect(queries.isFetching()).toBe(0));
    return [...(observer.getCurrentResult().data?.values() ?? [])].map(({ metadata, status }) => `${metadata.id} ${status?.state}`);
  };
}

it('a list that was long on its way keeps what came meanwhile', async () => {
  const answers = new Answers<{ items: Deployment[] }>();
  const shown = show(answers);
  await vi.waitFor(() => expect(answers.asked).toBe(1));
  arrive(told(deployment('a', 'RUNNING')), told(deployment('gone', 'CANCELLED'), 'Deployment', true));
  await answers.give({ items: [deployment('a', 'CANCELLED'), deployment('b', 'RUNNING'), deployment('gone', 'CANCELLED')] });
  expect(await shown()).toEqual(['a RUNNING', 'b RUNNING']);
});

it('the first reading of a list is repeated if the feed missed changes meanwhile', async () => {
  const answers = new Answers<{ items: Deployment[] }>();
  const shown = show(answers);
  await vi.waitFor(() => expect(answers.asked).toBe(1));
  miss();
  await answers.give({ items: [deployment('a', 'CANCELLED')] });
  await answers.give({ items: [deployment('a', 'RUNNING')] });
  expect(await shown()).toEqual(['a RUNNING']);
  expect(answers.asked).toBe(2);
});

it('one resource that was long on its way is what the feed told of it', async () => {
  const answers = new Answers<Deployment>();
  const read = readOne('Deployment', answers.read, ({ metadata }) => metadata.name === 'a');
  await vi.waitFor(() => expect(answers.asked).toBe(1));
  arrive(told(deployment('a', 'RUNNING')), told(deployment('b', 'FAILED')));
  await answers.give(deployment('a', 'TRANSITIONING'));
  expect(((await read) as Deployment).status?.state).toBe('RUNNING');
});

it('an answer to a write does not overrule what the feed told before it came', async () => {
  const answers = new Answers<Deployment>();
  const answer = answerOf('Deployment', answers.read);
  arrive(told(deployment('a', 'RUNNING')));
  await answers.give(deployment('a', 'TRANSITIONING'));
  expect((await answer).status?.state).toBe('RUNNING');
});

it('what is computed is asked for again if its source changed meanwhile', async () => {
  const answers = new Answers<string>();
  const read = readDerived(answers.read, ({ kind }) => kind === 'Savepoint');
  await vi.waitFor(() => expect(answers.asked).toBe(1));
  arrive(told(deployment('s', ''), 'Savepoint'));
  await answers.give('old');
  await answers.give('new');
  expect(await read).toBe('new');
});
