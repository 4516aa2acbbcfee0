import type { QueryClient } from '@tanstack/react-query';
import { useSyncExternalStore } from 'react';
import { baseUrl, client, NAMESPACE, unwrap } from '../api/client';
import { ChangeLog } from './change-log';
import { Feed, type FeedState, type FeedWorld } from './feed';
import { patchCache } from './patch';

const log = new ChangeLog();
let state: FeedState = 'connecting';
let feed: Feed | null = null;
let settle: (() => void) | null = null;

/**
 * Resolves when the feed knows where it starts, or cannot know: what is read after that lacks no
 * change, what is read before might.
 */
export const feedStarted = new Promise<void>((resolve) => {
  settle = () => {
    settle = null;
    resolve();
  };
});
const stateListeners = new Set<() => void>();

const browser: FeedWorld = {
  async currentRevision(signal) {
    const status = await unwrap(client.GET('/api/v1/status', { signal }));
    return (status as { revision: number }).revision;
  },
  openSource: (lastEventId) =>
    new EventSource(
      `${baseUrl}api/v1/watch?namespace=${NAMESPACE}&lastEventId=${encodeURIComponent(lastEventId)}`,
    ),
  isHidden: () => document.hidden,
  onVisibilityChange(listener) {
    document.addEventListener('visibilitychange', listener);
    return () => document.removeEventListener('visibilitychange', listener);
  },
  setTimer(run, milliseconds) {
    const timer = window.setTimeout(run, milliseconds);
    return () => window.clearTimeout(timer);
  },
};

/** Starts the tab's feed; it patches the query cache until the tab ends. */
export function startLive(queries: QueryClient): void {
  feed = new Feed(browser, {
    changes(changes) {
      log.add(changes);
      patchCache(queries, changes);
    },
    gap() {
      log.gap();
      if (settle) settle();
      else void queries.invalidateQueries();
    },
    state(next) {
      if (next === 'offline' || next === 'paused') settle?.();
      state = next;
      for (const listener of stateListeners) listener();
    },
  });
  feed.start();
}

export function retryLive(): void {
  feed?.retryNow();
}

/** What the feed tells while something is being read. */
export const changeLog = log;

function subscribe(listener: () => void): () => void {
  stateListeners.add(listener);
  return () => stateListeners.delete(listener);
}

export function useFeedState(): FeedState {
  return useSyncExternalStore(subscribe, () => state);
}
