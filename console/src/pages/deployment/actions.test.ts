import { describe, expect, it } from 'vitest';
import type { Deployment } from '../../api/types';
import { hindrances, restart, startWay } from './actions';

function deployment(desired: string, observed: string, jobId?: string): Deployment {
  return {
    metadata: { id: '1', name: 'a' },
    spec: { state: desired },
    status: { state: observed, running: jobId ? { jobId } : undefined },
  } as unknown as Deployment;
}

describe('what hinders actions', () => {
  const cases: [string, string, string[]][] = [
    ['RUNNING', 'RUNNING', ['start', 'delete', 'flinkUi']],
    ['RUNNING', 'TRANSITIONING', ['start', 'savepoint', 'flinkUi', 'delete']],
    ['RUNNING', 'FAILED', ['savepoint', 'flinkUi', 'delete']],
    ['CANCELLED', 'CANCELLED', ['suspend', 'cancel', 'savepoint', 'flinkUi']],
    ['SUSPENDED', 'SUSPENDED', ['suspend', 'savepoint', 'flinkUi']],
    ['RUNNING', 'FINISHED', ['suspend', 'savepoint', 'flinkUi', 'delete']],
  ];
  it.each(cases)('%s, %s', (desired, observed, expected) => {
    expect(Object.keys(hindrances(deployment(desired, observed))).sort()).toEqual([...expected].sort());
  });
  it("Flink's UI needs a running job", () => {
    expect(hindrances(deployment('RUNNING', 'RUNNING', 'j'))).not.toHaveProperty('flinkUi');
  });
});

it('a start is asked for, retried, or done over again', () => {
  expect(startWay(deployment('RUNNING', 'FAILED'))).toBe('retry');
  expect(startWay(deployment('RUNNING', 'FINISHED'))).toBe('restart');
  expect(startWay(deployment('CANCELLED', 'CANCELLED'))).toBe('ask');
  expect(startWay(deployment('SUSPENDED', 'FAILED'))).toBe('ask');
});

describe('starting again', () => {
  const world = (states: Deployment[]) => {
    const asked: string[] = [];
    return {
      asked,
      run: () =>
        restart(
          'a',
          async (_, state) => {
            asked.push(state);
            return deployment(state, 'FAILED');
          },
          async () => states.shift() as Deployment,
          async () => {},
        ),
    };
  };
  it('waits until it is cancelled', async () => {
    const { asked, run } = world([deployment('CANCELLED', 'TRANSITIONING'), deployment('CANCELLED', 'CANCELLED')]);
    await run();
    expect(asked).toEqual(['CANCELLED', 'RUNNING']);
  });
  it('gives way to somebody else', async () => {
    const { asked, run } = world([deployment('SUSPENDED', 'TRANSITIONING')]);
    await expect(run()).rejects.toThrow('SUSPENDED');
    expect(asked).toEqual(['CANCELLED']);
  });
});
