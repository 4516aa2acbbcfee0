import type { Change } from './change-log';
import type { AnyResource, Kind } from '../api/types';

export type FeedState = 'connecting' | 'live' | 'paused' | 'offline';

/** What the feed needs of the page around it; tests give their own. */
export interface FeedWorld {
  /** The newest revision of the server, from which the feed goes on. */
  currentRevision(signal: AbortSignal): Promise<number>;
  openSource(lastEventId: string): EventSource;
  isHidden(): boolean;
  onVisibilityChange(listener: () => void): () => void;
  setTimer(run: () => void, milliseconds: number): () => void;
}

export interface FeedListener {
  /** Several changes at once, in order. */
  changes(changes: Change[]): void;
  /** Changes were missed: everything must be read again. */
  gap(): void;
  state(state: FeedState): void;
}

/** Changes are handed on together, so that a burst costs one rendering. */
export const BATCH_MILLISECONDS = 150;
const FIRST_WAIT = 500;
const LONGEST_WAIT = 15_000;

interface FeedFrame {
  type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'RESYNC';
  revision: number;
  object?: AnyResource & { kind?: Kind };
}

/**
 * The tab's one stream of server-sent events. It starts at the server's present revision, is released
 * while the tab is hidden, and resumes where it ended.
 */
export class Feed {
  private source: EventSource | null = null;
  private opening: AbortController | null = null;
  private lastEventId = '';
  private pending: Change[] = [];
  private cancelFlush: (() => void) | null = null;
  private cancelRetry: (() => void) | null = null;
  private wait = FIRST_WAIT;
  private unsubscribe: (() => void) | null = null;

  constructor(
    private readonly world: FeedWorld,
    private readonly listener: FeedListener,
  ) {}

  start(): void {
    this.unsubscribe = this.world.onVisibilityChange(() => this.adapt());
    this.adapt();
  }

  stop(): void {
    this.unsubscribe?.();
    this.release();
  }

  /** Connects at once instead of after the wait. */
  retryNow(): void {
    this.wait = FIRST_WAIT;
    this.release();
    this.adapt();
  }

  private adapt(): void {
    if (this.world.isHidden()) {
      this.release();
      this.listener.state('paused');
    } else if (this.source === null && this.opening === null) {
      void this.open();
    }
  }

  private release(): void {
    this.opening?.abort();
    this.opening = null;
    this.source?.close();
    this.source = null;
    this.cancelRetry?.();
    this.cancelRetry = null;
    this.flush();
  }

  private async open(): Promise<void> {
    // While the server is away each further try is no news.
    if (this.wait === FIRST_WAIT) this.listener.state('connecting');
    const opening = new AbortController();
    this.opening = opening;
    try {
      if (this.lastEventId === '') {
        this.lastEventId = String(await this.world.currentRevision(opening.signal));
        if (opening.signal.aborted) return;
        // Whatever was read before that revision was known may lack changes.
        this.listener.gap();
      }
    } catch {
      if (!opening.signal.aborted) this.retryLater();
      return;
    }
    this.opening = null;
    this.listen(this.world.openSource(this.lastEventId));
  }

  private listen(source: EventSource): void {
    this.source = source;
    source.onopen = () => {
      this.wait = FIRST_WAIT;
      this.listener.state('live');
    };
    source.onerror = () => {
      if (this.source !== source) return;
      source.close();
      this.source = null;
      this.flush();
      this.retryLater();
    };
    for (const name of ['added', 'modified', 'deleted', 'bookmark', 'resync'])
      source.addEventListener(name, (event) => {
        if (this.source === source) this.take(event as MessageEvent<string>);
      });
  }

  private retryLater(): void {
    this.opening = null;
    this.listener.state('offline');
    const wait = this.wait;
    this.wait = Math.min(LONGEST_WAIT, wait * 2);
    this.cancelRetry = this.world.setTimer(() => {
      this.cancelRetry = null;
      this.adapt();
    }, wait);
  }

  private take(event: MessageEvent<string>): void {
    const frame = JSON.parse(event.data) as FeedFrame;
    if (frame.type === 'RESYNC') {
      // Reading the lists that are shown costs less than everything there is, which would follow.
      this.lastEventId = '';
      this.pending = [];
      this.release();
      void this.open();
      return;
    }
    if (event.lastEventId !== '') this.lastEventId = event.lastEventId;
    if (frame.object?.kind === undefined) return;
    this.pending.push({
      kind: frame.object.kind,
      deleted: frame.type === 'DELETED',
      object: frame.object,
    });
    this.cancelFlush ??= this.world.setTimer(() => this.flush(), BATCH_MILLISECONDS);
  }

  private flush(): void {
    this.cancelFlush?.();
    this.cancelFlush = null;
    if (this.pending.length === 0) return;
    const changes = this.pending;
    this.pending = [];
    this.listener.changes(changes);
  }
}
