import { describe, expect, it } from 'vitest';
import type { AnyResource } from '../api/types';
import { type Change, ChangeLog } from './change-log';

const change = (id: string): Change => ({ kind: 'Job', deleted: false, object: { metadata: { id } } as AnyResource });
const ids = (told: readonly Change[] | undefined) => told?.map(({ object }) => object.metadata.id);

describe('what the feed tells while something is read', () => {
  it('is what came since that reading began', () => {
    const log = new ChangeLog();
    log.add([change('1')]);
    const first = log.begin();
    log.add([change('2')]);
    const second = log.begin();
    log.add([change('3')]);
    expect(ids(first.end())).toEqual(['2', '3']);
    log.add([change('4')]);
    expect(ids(second.end())).toEqual(['3', '4']);
  });
  it('is unknown if the feed missed changes, or if it were too many', () => {
    const log = new ChangeLog();
    const missed = log.begin();
    log.add([change('1')]);
    log.gap();
    log.add([change('2')]);
    expect(missed.end()).toBeUndefined();
    const long = log.begin();
    log.add(Array.from({ length: 25_000 }, (_, index) => change(String(index))));
    expect(long.end()).toBeUndefined();
    expect(log.begin().end()).toEqual([]);
  });
});
