import type { Deployment, DesiredState } from '../../api/types';

export type ActionName = 'start' | 'suspend' | 'cancel' | 'savepoint' | 'delete' | 'flinkUi';

/** Why an action is not possible now: a key of the texts `unavailable.*`. */
export type Hindrance =
  | 'alreadyRunning'
  | 'alreadySuspended'
  | 'alreadyCancelled'
  | 'nothingRuns'
  | 'notRunningYet'
  | 'mustStopFirst';

/**
 * What hinders each action, by the rules of the server, so that a button says why instead of failing.
 * An action that is not in the answer is possible.
 */
export function hindrances(deployment: Deployment): Partial<Record<ActionName, Hindrance>> {
  const desired = deployment.spec?.state;
  const observed = deployment.status?.state;
  const live = observed === 'RUNNING' || observed === 'TRANSITIONING';
  const result: Partial<Record<ActionName, Hindrance>> = {};
  if (desired === 'RUNNING' && live) result.start = 'alreadyRunning';
  if (desired === 'SUSPENDED' && !(observed === 'RUNNING')) result.suspend = 'alreadySuspended';
  else if (!live && observed !== 'FAILED') result.suspend = 'nothingRuns';
  if (desired === 'CANCELLED') result.cancel = 'alreadyCancelled';
  if (observed !== 'RUNNING') result.savepoint = live ? 'notRunningYet' : 'nothingRuns';
  if (deployment.status?.running?.jobId === undefined)
    result.flinkUi = live ? 'notRunningYet' : 'nothingRuns';
  if (desired === 'RUNNING') result.delete = 'mustStopFirst';
  return result;
}

/**
 * How a start is asked for: by the desired state; by a retry, where Weir gave up; or by a round over
 * CANCELLED, where the wish to run has come true and the job ended by itself.
 */
export function startWay(deployment: Deployment): 'ask' | 'retry' | 'restart' {
  if (deployment.spec?.state !== 'RUNNING') return 'ask';
  if (deployment.status?.state === 'FAILED') return 'retry';
  return deployment.status?.state === 'FINISHED' ? 'restart' : 'ask';
}

export type SetState = (name: string, state: DesiredState) => Promise<Deployment>;
export type Read = (name: string) => Promise<Deployment>;

/**
 * Starts a FINISHED deployment again: the server acts only on another wish, so it is CANCELLED in
 * between.
 * @param pause waits before looking again
 */
export async function restart(
  name: string,
  setState: SetState,
  read: Read,
  pause: () => Promise<void>,
): Promise<Deployment> {
  let seen = await setState(name, 'CANCELLED');
  while (seen.status?.state !== 'CANCELLED') {
    if (seen.spec?.state !== 'CANCELLED')
      throw new Error(`Somebody else asked for ${seen.spec?.state} meanwhile.`);
    await pause();
    seen = await read(name);
  }
  return setState(name, 'RUNNING');
}
