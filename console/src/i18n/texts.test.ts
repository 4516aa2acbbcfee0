import { expect, it } from 'vitest';
import { en } from './en/index';
import { zh } from './zh/index';

function leaves(value: object, path = ''): [string, string][] {
  return Object.entries(value).flatMap(([key, member]) =>
    typeof member === 'string' ? [[path + key, member] as [string, string]] : leaves(member as object, `${path}${key}.`),
  );
}
const placeholders = (text: string) => [...text.matchAll(/\{\{(\w+)\}\}/g)].map((found) => found[1]).sort();

const english = new Map(leaves(en));
const chinese = new Map(leaves(zh));

it('both languages have the same texts', () => {
  expect([...chinese.keys()].sort()).toEqual([...english.keys()].sort());
});

it('no text is empty, and each names the same values', () => {
  for (const [key, text] of english) {
    expect(text.trim(), key).not.toBe('');
    expect(chinese.get(key)?.trim(), key).not.toBe('');
    // A plural of one may leave the number out.
    if (!key.endsWith('_one')) expect(placeholders(chinese.get(key) ?? ''), key).toEqual(placeholders(text));
  }
});

it('Chinese texts are Chinese', () => {
  const same = [...english].filter(([key, text]) => chinese.get(key) === text && /\b[a-z]{3,} .*\b[a-z]{3,}\b/.test(text));
  expect(same).toEqual([]);
});
