import { beforeEach, describe, expect, it } from 'vitest';
import { Feed, type FeedListener, type FeedState, type FeedWorld } from './feed';
import type { Change } from './change-log';

class FakeSource {
  onopen: (() => void) | null = null;
  onerror: (() => void) | null = null;
  closed = false;
  private listeners = new Map<string, (event: unknown) => void>();
  constructor(readonly lastEventId: string) {}
  addEventListener(name: string, listener: (event: unknown) => void) {
    this.listeners.set(name, listener);
  }
  close() {
    this.closed = true;
  }
  send(type: string, revision: number, object?: unknown) {
    const lastEventId = type === 'RESYNC' ? '' : String(revision);
    this.listeners.get(type.toLowerCase())?.({ data: JSON.stringify({ type, revision, object }), lastEventId });
  }
}

class World implements FeedWorld {
  sources: FakeSource[] = [];
  timers: { run: () => void; milliseconds: number }[] = [];
  revision = 7;
  hidden = false;
  private listener: (() => void) | null = null;
  async currentRevision() {
    if (this.revision < 0) throw new Error('offline');
    return this.revision;
  }
  openSource(lastEventId: string) {
    const source = new FakeSource(lastEventId);
    this.sources.push(source);
    return source as unknown as EventSource;
  }
  isHidden = () => this.hidden;
  onVisibilityChange(listener: () => void) {
    this.listener = listener;
    return () => {
      this.listener = null;
    };
  }
  setTimer(run: () => void, milliseconds: number) {
    const timer = { run, milliseconds };
    this.timers.push(timer);
    return () => {
      this.timers = this.timers.filter((other) => other !== timer);
    };
  }
  hide(hidden: boolean) {
    this.hidden = hidden;
    this.listener?.();
  }
  fire() {
    const timers = this.timers;
    this.timers = [];
    for (const { run } of timers) run();
  }
}

const settled = () => new Promise((resolve) => setTimeout(resolve, 0));
const deployment = (id: string) => ({ kind: 'Deployment', metadata: { id } });

describe('the feed', () => {
  let world: World;
  let changes: Change[][];
  let states: FeedState[];
  let gaps: number;
  let feed: Feed;
  beforeEach(async () => {
    world = new World();
    changes = [];
    states = [];
    gaps = 0;
    const listener: FeedListener = {
      changes: (batch) => changes.push(batch),
      gap: () => (gaps += 1),
      state: (state) => states.push(state),
    };
    feed = new Feed(world, listener);
    feed.start();
    await settled();
  });

  it('starts at the present revision', () => {
    expect(world.sources.map((source) => source.lastEventId)).toEqual(['7']);
    world.sources[0]?.onopen?.();
    expect(states.at(-1)).toBe('live');
  });

  it('hands a burst on at once, in order', () => {
    for (const id of ['a', 'b', 'a']) world.sources[0]?.send('MODIFIED', 8, deployment(id));
    expect(changes).toEqual([]);
    world.fire();
    expect(changes.map((batch) => batch.map(({ object }) => object.metadata.id))).toEqual([['a', 'b', 'a']]);
  });

  it('is released while hidden and resumes where it was', () => {
    world.sources[0]?.send('MODIFIED', 9, deployment('a'));
    world.hide(true);
    expect(world.sources[0]?.closed).toBe(true);
    expect(states.at(-1)).toBe('paused');
    expect(changes).toHaveLength(1);
    world.hide(false);
    expect(world.sources[1]?.lastEventId).toBe('9');
    expect(gaps).toBe(1);
  });

  it('waits longer after each failure, and tells', () => {
    const waits: number[] = [];
    for (let round = 0; round < 3; round += 1) {
      world.sources.at(-1)?.onerror?.();
      expect(states.at(-1)).toBe('offline');
      waits.push(world.timers[0]?.milliseconds ?? 0);
      world.fire();
    }
    expect(waits).toEqual([500, 1000, 2000]);
    world.sources.at(-1)?.onopen?.();
    world.sources.at(-1)?.onerror?.();
    expect(world.timers[0]?.milliseconds).toBe(500);
  });

  it('begins anew where changes were missed', async () => {
    world.revision = 40;
    world.sources[0]?.send('RESYNC', 39);
    await settled();
    expect(world.sources[0]?.closed).toBe(true);
    expect(world.sources[1]?.lastEventId).toBe('40');
    expect(gaps).toBe(2);
  });

  it('keeps trying while the server is away from the beginning', async () => {
    const late = new World();
    late.revision = -1;
    const seen: FeedState[] = [];
    new Feed(late, { changes: () => {}, gap: () => {}, state: (state) => seen.push(state) }).start();
    await settled();
    expect(seen.at(-1)).toBe('offline');
    late.revision = 3;
    late.fire();
    await settled();
    expect(late.sources[0]?.lastEventId).toBe('3');
  });

  it('ends', () => {
    feed.stop();
    expect(world.sources[0]?.closed).toBe(true);
    world.hide(true);
    expect(states.at(-1)).not.toBe('paused');
  });
});
