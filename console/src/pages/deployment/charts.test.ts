import { expect, it } from 'vitest';
import type { JobMetrics } from '../../api/insight';
import { columnsOf, formatValue, hasValues, keepPinned, readPinned } from './charts';
import { shapeOf } from './graph-layout';

it('makes columns of the series that are asked for; what is unknown is a gap', () => {
  const metrics = {
    times: [1000, 2000],
    series: [{ name: 'cpu', unit: 'cores', values: [0.5, null] }],
  } as unknown as JobMetrics;
  expect(columnsOf(metrics, ['heap', 'cpu'])).toEqual([
    [1, 2],
    [null, null],
    [0.5, null],
  ]);
  expect(hasValues(columnsOf(metrics, ['heap']))).toBe(false);
  expect(hasValues(columnsOf(metrics, ['cpu']))).toBe(true);
});

it('connects what was read one after the other, not what lies further apart', () => {
  const metrics = {
    times: [0, 1000, 2000, 3000, 4000, 5000, 6000],
    stepSeconds: 1,
    series: [{ name: 'cpu', values: [1, null, 2, null, null, null, 3] }],
  } as unknown as JobMetrics;
  expect(columnsOf(metrics, ['cpu'], 1)[1]).toEqual([1, undefined, 2, null, null, null, 3]);
});

it('writes each unit as people read it', () => {
  expect(formatValue(0.256, 'ratio')).toBe('25.6 %');
  expect(formatValue(2048, 'bytes')).toBe('2 KiB');
  expect(formatValue(2048, 'bytes per second')).toBe('2 KiB/s');
  expect(formatValue(null, 'cores')).toBe('–');
  expect(formatValue(1234.5, 'records per second')).toBe('1,235');
});

it('remembers what was added, for each deployment', () => {
  keepPinned('a', ['v1.busy']);
  keepPinned('b', ['cpu']);
  expect(readPinned('a')).toEqual(['v1.busy']);
  keepPinned('a', []);
  expect(readPinned('a')).toEqual([]);
  expect(readPinned('b')).toEqual(['cpu']);
});

it('a layout is made again only for another shape', () => {
  const graph = { vertices: [{ id: 'a', figures: { busy: 1 } }, { id: 'b' }], edges: [{ from: 'a', to: 'b' }] };
  const later = { ...graph, vertices: [{ id: 'a', figures: { busy: 0 } }, { id: 'b' }] };
  expect(shapeOf(graph as never)).toBe(shapeOf(later as never));
  expect(shapeOf({ ...graph, edges: [] } as never)).not.toBe(shapeOf(graph as never));
});
