import { expect, it } from 'vitest';
import { setStates } from './BulkActions';

it('asks for each once, a few at a time, and tells which were refused', async () => {
  let open = 0;
  let most = 0;
  const asked: string[] = [];
  const seen: number[] = [];
  const names = Array.from({ length: 20 }, (_, index) => `d${index}`);
  const result = await setStates(
    names,
    'SUSPENDED',
    async (name) => {
      open += 1;
      most = Math.max(most, open);
      await Promise.resolve();
      open -= 1;
      asked.push(name);
      if (name === 'd7') throw new Error('no');
    },
    ({ done }) => seen.push(done),
  );
  expect([...asked].sort()).toEqual([...names].sort());
  expect(most).toBe(4);
  expect(result.failed.map(({ name }) => name)).toEqual(['d7']);
  expect(seen.at(-1)).toBe(20);
});
