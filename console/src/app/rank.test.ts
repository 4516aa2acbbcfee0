import { expect, it } from 'vitest';
import { rank } from './rank';

it('wants all words, and prefers the beginning', () => {
  expect(rank('orders-10', 'ord')).toBe(2);
  expect(rank('fork-of-orders', 'ord fork')).toBe(1);
  expect(rank('clicks', 'ord')).toBe(-1);
  expect(rank('clicks', '')).toBe(1);
});
